import type { Child, PropsWithChildren } from "hono/jsx";
import { labelOf, withStop } from "../page-words.ts";
import { Sentence } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";

type Props = PropsWithChildren<{
  /** Says that nothing happened. */
  lead: string;
  says: Child;
  /** Mistakes of fields that the form does not have, by name. */
  others: readonly (readonly [name: string, reason: string])[];
}>;

/** A refused form, above its fields: the reason, and the mistakes that no field can show. */
export function Refusal({ lead, says, others, children }: Props) {
  return (
    <div class="refused" role="alert">
      <p>
        <strong>{lead}</strong> {says}
      </p>
      {children}
      {others.map(([name, reason]) => (
        <p>
          “{visible(labelOf(name))}” <Sentence text={withStop(reason)} />
        </p>
      ))}
    </div>
  );
}
