import type { WholeReadiness } from "../../flows/readiness.ts";
import type { OrderView } from "../../views/calls/call-lookup.ts";
import type { EventView } from "../../views/calls/event.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import { CallsTable } from "../calls/calls-table.tsx";
import { Layout } from "../frame/layout.tsx";
import { Notices } from "../frame/notices.tsx";
import { Hidden, Quoted, Reason, Time, Waits } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";

type Common = { reader: Reader; readiness: WholeReadiness };

/** The calls and events of one order number, by source. */
export function OrderPage({ reader, readiness, order }: Common & { order: OrderView }) {
  const known = order.sources.length > 0;
  return (
    <Layout title={`Order ${order.order_number}`} reader={reader} sought={order.order_number}>
      <Notices readiness={readiness} />
      <section class="answer" aria-labelledby="answer">
        <p class="above">
          Order <Quoted text={order.order_number} />
        </p>
        <h1 id="answer">
          <Quoted text={order.answer} />
        </h1>
        {known ? null : <Unknown />}
      </section>
      {order.sources.map(({ source, calls, events }) => (
        <section aria-label={`Source ${visible(source)}`}>
          <h2>
            <Quoted text={source} />
          </h2>
          {calls.length === 0 ? null : <CallsTable calls={calls} label={`Calls of the source ${visible(source)}`} />}
          <EventsWithoutCall events={events} />
        </section>
      ))}
      {known && !seesAll(reader) ? <Hidden what="Numbers and texts" /> : null}
      {order.more ? (
        <p class="note">
          This order has more events and calls than are listed here. <code>GET /v1/calls?order_number=…</code> gives all
          of them.
        </p>
      ) : null}
    </Layout>
  );
}

function EventsWithoutCall({ events }: { events: readonly EventView[] }) {
  const without = events.filter(({ state }) => state !== "planned");
  if (without.length === 0) return null;
  return (
    <>
      <h3>Events that made no call</h3>
      <ul class="events">
        {without.map((event) => (
          <li>
            <span class="what">
              <Quoted text={event.type} />
            </span>
            <span class="why">
              {event.reason === null ? "It is not decided yet." : <Reason code={event.reason} />}
              {event.waits === null ? null : (
                <>
                  {" "}
                  <Waits waits={event.waits} />
                </>
              )}
              {typeof event.detail?.detail === "string" ? (
                <>
                  {" "}
                  <Quoted text={event.detail.detail} />
                </>
              ) : null}
            </span>
            <Time at={event.received_at} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Unknown() {
  return (
    <div class="next">
      <p>What to look at next:</p>
      <ul>
        <li>Is it the number as the CRM shows it? Only a leading # and capitals do not matter.</li>
        <li>
          Does the source say where its order number stands (<code>order_number</code>)?
        </li>
        <li>
          Did its webhook arrive? Refused requests are stored with their reason:{" "}
          <code>GET /v1/sources/…/rejections</code>
        </li>
      </ul>
    </div>
  );
}
