import type { PropsWithChildren } from "hono/jsx";
import { type Field, FieldRow } from "../forms/fields.tsx";
import { bulkDecisions } from "./decisions.ts";
import { decidedAtOnceMax } from "./queue.ts";

const hints = { held: "For held calls.", review: "For calls in review." } as const;

/** The form below the queue: one decision about all selected calls. */
export function DecideForm({ kept, children }: PropsWithChildren<{ kept: URLSearchParams }>) {
  const fields: readonly Field[] = [
    {
      kind: "choice",
      name: "decision",
      label: "Decision",
      required: true,
      value: kept.get("decision") ?? "",
      choices: Object.entries(bulkDecisions).map(([value, { label, about }]) => ({ value, label, hint: hints[about] })),
    },
    {
      kind: "line",
      name: "reason",
      label: "Reason",
      hint: "The audit log stores it with your token's name. “It rang” needs none.",
      charactersMax: 500,
      value: kept.get("reason") ?? "",
    },
  ];
  return (
    <section class="act" aria-labelledby="decide-title">
      <h2 id="decide-title">Decide the selected calls</h2>
      <p class="note">At most {decidedAtOnceMax} at once, one after the other. Each call is checked by itself.</p>
      <form id="decide" method="post" action="/review/decide">
        {children}
        {fields.map((field) => (
          <FieldRow field={field} mistake={null} />
        ))}
        <div class="buttons">
          <button type="submit">Decide the selected calls</button>
        </div>
      </form>
    </section>
  );
}
