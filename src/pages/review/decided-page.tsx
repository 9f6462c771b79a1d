import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Quoted, Sentence } from "../parts/bits.tsx";
import { type BulkDecision, bulkDecisions } from "./decisions.ts";

/** One call of a bulk decision. */
export type Decided = {
  readonly id: string;
  /** Its order number; null if it has none or there is no such call. */
  readonly order: string | null;
  /** The API's words; null: it was done. */
  readonly refused: string | null;
};

type Props = { reader: Reader; decision: BulkDecision; decided: readonly Decided[]; back: string };

/** The result of a bulk decision: the calls that were done, and those that were refused with their reasons. */
export function DecidedPage({ reader, decision, decided, back }: Props) {
  const done = decided.filter(({ refused }) => refused === null);
  const refused = decided.filter((one) => one.refused !== null);
  const title = `${done.length} of ${decided.length} ${bulkDecisions[decision].done}`;
  return (
    <Layout title={title} reader={reader}>
      <Trail path={back} name="Review" />
      <h1>{title}</h1>
      {refused.length === 0 ? null : (
        <section aria-labelledby="refused">
          <h2 id="refused">Refused: {refused.length}</h2>
          <ul class="plain">
            {refused.map((one) => (
              <li>
                <CallLink call={one} />: <Sentence text={one.refused ?? ""} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {done.length === 0 ? null : (
        <section aria-labelledby="done">
          <h2 id="done">Done: {done.length}</h2>
          <ul class="plain">
            {done.map((one) => (
              <li>
                <CallLink call={one} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Layout>
  );
}

function CallLink({ call: { id, order } }: { call: Decided }) {
  return (
    <a href={`/calls/${encodeURIComponent(id)}`}>
      {order === null ? "A call without an order" : <Quoted text={order} />}
    </a>
  );
}
