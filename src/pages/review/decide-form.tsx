import type { PropsWithChildren } from "hono/jsx";
import type { ReviewItemView } from "../../views/people/review.ts";
import { type Field, FieldRow } from "../forms/fields.tsx";
import { bulkDecisions } from "./decisions.ts";
import { decidedAtOnceMax } from "./queue.ts";

/** Calls that a decision is for, in words, if the queue has calls of both kinds. */
const forWords = { release: "For held calls.", cancel: "For held calls.", resolve: "For calls in review." } as const;

type Props = PropsWithChildren<{ items: readonly ReviewItemView[]; kept: URLSearchParams }>;

/** The form below the queue: one decision about all selected calls. It offers what the calls of this page allow. */
export function DecideForm({ items, kept, children }: Props) {
  const allowed = new Set(items.flatMap(({ decisions }) => decisions));
  const typed = kept.get("decision") ?? "";
  const open = Object.entries(bulkDecisions).filter(([value, { of }]) => allowed.has(of) || value === typed);
  const isMixed = allowed.has("resolve") && allowed.has("release");
  const fields: readonly Field[] = [
    {
      kind: "choice",
      name: "decision",
      label: "Decision",
      required: true,
      value: typed,
      choices: open.map(([value, { label, of }]) => ({ value, label, ...(isMixed ? { hint: forWords[of] } : {}) })),
    },
    {
      kind: "line",
      name: "reason",
      label: "Reason",
      hint: `The audit log stores it with your token's name.${allowed.has("resolve") ? " “It rang” needs none." : ""}`,
      charactersMax: 500,
      value: kept.get("reason") ?? "",
    },
  ];
  return (
    <section class="act decide" aria-labelledby="decide-title">
      <h2 id="decide-title">Decide the selected calls</h2>
      <form id="decide" method="post" action="/review/decide">
        {children}
        {fields.map((field) => (
          <FieldRow field={field} mistake={null} />
        ))}
        <div class="buttons">
          <button type="submit">Decide…</button>
        </div>
        <p class="note">At most {decidedAtOnceMax} at once. The next page asks once more.</p>
      </form>
    </section>
  );
}
