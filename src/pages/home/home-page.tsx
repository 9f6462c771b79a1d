import { orderNumberCharactersMax } from "../../domain/limits.ts";
import type { WholeReadiness } from "../../flows/readiness.ts";
import type { CallView } from "../../views/calls/call.ts";
import type { OrderView, PageView } from "../../views/calls/call-lookup.ts";
import type { EventView } from "../../views/calls/event.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import { Hidden, Quoted, Reason, Time, Waits } from "../bits.tsx";
import type { PageDeps } from "../deps.ts";
import { Layout } from "../layout.tsx";
import { Notices } from "../notices.tsx";
import { visible } from "../visible.ts";
import { CallsTable } from "./calls-table.tsx";

type Common = { reader: Reader; readiness: WholeReadiness };

/** The newest calls, below the search. */
export function HomePage(props: Common & { page: PageView<CallView>; later: boolean; mode: PageDeps["mode"] }) {
  const { reader, readiness, page, later, mode } = props;
  return (
    <Layout title={later ? "Older calls" : "Calls"} reader={reader}>
      <Search value="" />
      <Notices readiness={readiness} />
      <section aria-labelledby="newest">
        <h1 id="newest">{later ? "Older calls" : "Newest calls"}</h1>
        {page.data.length === 0 ? (
          <Empty later={later} mode={mode} />
        ) : (
          <>
            <CallsTable calls={page.data} label={later ? "Older calls" : "Newest calls"} />
            {seesAll(reader) ? null : <Hidden what="Numbers and texts" />}
          </>
        )}
        <Pager later={later} next={page.next_cursor} />
      </section>
    </Layout>
  );
}

/** The calls and events of one order number, by source. */
export function OrderPage({ reader, readiness, order }: Common & { order: OrderView }) {
  const known = order.sources.length > 0;
  return (
    <Layout title={`Order ${order.order_number}`} reader={reader}>
      <Search value={order.order_number} />
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

function Search({ value }: { value: string }) {
  return (
    <search class="search">
      <form method="get" action="/">
        <label for="order_number">Order number</label>
        <div class="field">
          <input
            id="order_number"
            name="order_number"
            type="search"
            value={value}
            required
            maxlength={orderNumberCharactersMax}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="#12345"
          />
          <button type="submit">Find its calls</button>
        </div>
      </form>
    </search>
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

function Empty({ later, mode }: { later: boolean; mode: PageDeps["mode"] }) {
  if (later) return <p class="empty">There are no older calls.</p>;
  return (
    <div class="empty">
      <p>There is no call yet. The first event that matches a rule makes one.</p>
      {mode === "local" ? (
        <p>
          In another terminal, <code>npm run send</code> sends a signed sample; then load this page again.
        </p>
      ) : (
        <ol>
          <li>
            Write a line, a source and a rule in <code>hookline.yaml</code>, and{" "}
            <code>npm run hookline -- apply hookline.yaml</code>.
          </li>
          <li>
            Let the CRM send its webhooks to <code>/in/</code> and the source's slug.
          </li>
          <li>
            A new rule is in <code>shadow</code>: it decides, and never rings. Its decisions appear here.
          </li>
        </ol>
      )}
    </div>
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

function Pager({ later, next }: { later: boolean; next: string | null }) {
  if (!later && next === null) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {later ? <a href="/">Newest</a> : <span />}
      {next === null ? null : (
        <a rel="next" href={`/?cursor=${encodeURIComponent(next)}`}>
          Older
        </a>
      )}
    </nav>
  );
}
