import { apiSource } from "../../domain/plan/direct-call.ts";
import type { WholeReadiness } from "../../flows/readiness.ts";
import type { OrderView } from "../../views/calls/call-lookup.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import { CallsTable } from "../calls/calls-table.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Notices } from "../frame/notices.tsx";
import { Hidden, Quoted, Sentence } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
import { visible } from "../parts/visible.ts";
import { StepList } from "./steps.tsx";

type Props = {
  reader: Reader;
  readiness: WholeReadiness;
  order: OrderView;
  newestFirst: boolean;
  mayWrite: boolean;
};

/** Everything about one order: the answer, its calls, and one timeline from the first event on. */
export function OrderPage({ reader, readiness, order, newestFirst, mayWrite }: Props) {
  const known = order.sources.length > 0;
  const path = orderPath(order.order_number, newestFirst);
  return (
    <Layout title={`Order ${order.order_number}`} reader={reader} sought={order.order_number}>
      <Notices readiness={readiness} />
      <Live id="order" path={path} label="Order">
        <section class="answer" aria-labelledby="answer">
          <p class="above">
            Order <Quoted text={order.order_number} />
          </p>
          <h1 id="answer">
            <Sentence text={order.answer} />
          </h1>
          {order.next === null ? null : (
            <p class="note">
              Next: <Sentence text={order.next.sentence} />
              {order.next.at === null ? null : (
                <>
                  {" "}
                  Due <Moment at={order.next.at} />.
                </>
              )}
            </p>
          )}
          {known ? <Acts order={order} mayWrite={mayWrite} /> : <Unknown />}
        </section>
        {order.sources.map(({ source, calls }) =>
          calls.length === 0 ? null : (
            <section aria-label={`Source ${visible(source)}`}>
              {order.sources.length === 1 ? null : (
                <h2>{source === apiSource ? "A program or a person" : <Quoted text={source} />}</h2>
              )}
              <CallsTable calls={calls} label={`Calls of the source ${visible(source)}`} />
            </section>
          ),
        )}
        {order.timeline.length === 0 ? null : (
          <section aria-labelledby="steps">
            <div class="list-head">
              <h2 id="steps">Timeline</h2>
              <a class="turn" href={orderPath(order.order_number, !newestFirst)}>
                {newestFirst ? "Oldest first" : "Newest first"}
              </a>
            </div>
            <StepList steps={order.timeline} newestFirst={newestFirst} manySources={order.sources.length > 1} />
          </section>
        )}
        {known && !seesAll(reader) ? <Hidden what="Numbers and texts" /> : null}
        {order.more ? (
          <p class="note">
            This order has more events and calls than one page lists: the newest are here.{" "}
            <a href={`/calls?order_number=${encodeURIComponent(order.order_number)}`}>All of its calls</a>
          </p>
        ) : null}
      </Live>
    </Layout>
  );
}

/** @returns Address of an order's page. */
export function orderPath(orderNumber: string, newestFirst = false): string {
  return `/orders?order_number=${encodeURIComponent(orderNumber)}${newestFirst ? "&newest=first" : ""}`;
}

function Acts({ order, mayWrite }: { order: OrderView; mayWrite: boolean }) {
  const query = `?order_number=${encodeURIComponent(order.order_number)}`;
  return (
    <p class="acts">
      {mayWrite ? (
        <>
          <a class="button quiet" href={`/orders/notes${query}`}>
            Add a note
          </a>
          <a class="button quiet" href={`/orders/call${query}`}>
            Call now
          </a>
        </>
      ) : null}
      <a class="button quiet" href={`/orders/evidence${query}`} download>
        Evidence bundle
      </a>
    </p>
  );
}

function Unknown() {
  return (
    <div class="next">
      <p>Look at these next:</p>
      <ul>
        <li>Is it the number as the CRM shows it? Only a leading # and capitals do not matter.</li>
        <li>
          Did its webhook arrive? Each <a href="/sources">source</a> lists its newest events, and the requests that it
          refused, each with its reason.
        </li>
        <li>Do the source's settings name the field of the order number?</li>
      </ul>
    </div>
  );
}
