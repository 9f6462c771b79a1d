import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Quoted } from "../parts/bits.tsx";
import { type BulkDecision, bulkDecisions } from "./decisions.ts";

type Props = {
  reader: Reader;
  decision: BulkDecision;
  reason: string;
  /** Selected calls. The name is an order number, or a part of the id if the call is not in the queue any more. */
  calls: readonly { readonly id: string; readonly name: string }[];
  back: string;
};

/** The consequences of a decision about several calls, before it is taken. */
export function ConfirmPage({ reader, decision, reason, calls, back }: Props) {
  const { verb, consequence } = bulkDecisions[decision];
  const title = `${verb} ${calls.length === 1 ? "this call" : `these ${calls.length} calls`}?`;
  return (
    <Layout title={title} reader={reader}>
      <Trail path={back} name="Review" />
      <section class="act" aria-labelledby="act">
        <h1 id="act">{title}</h1>
        <div class="says">
          <p>{consequence}</p>
          <p>
            {calls.map(({ id, name }, index) => (
              <>
                {index === 0 ? "" : ", "}
                <a href={`/calls/${id}`}>
                  <Quoted text={name} />
                </a>
              </>
            ))}
          </p>
          {reason === "" ? null : (
            <p>
              Reason: <Quoted text={reason} />
            </p>
          )}
        </div>
        <form method="post" action="/review/decide">
          {calls.map(({ id }) => (
            <input type="hidden" name="call" value={id} />
          ))}
          <input type="hidden" name="decision" value={decision} />
          <input type="hidden" name="reason" value={reason} />
          <input type="hidden" name="back" value={back} />
          <div class="buttons">
            <button type="submit" name="confirmed" value="yes" class={decision === "release" ? "" : "final"}>
              {verb} {calls.length === 1 ? "the call" : `${calls.length} calls`}
            </button>
            <a class="button quiet" href={back}>
              Back
            </a>
          </div>
        </form>
      </section>
    </Layout>
  );
}
