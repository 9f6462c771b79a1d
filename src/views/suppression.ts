import { maskNumber, maskText } from "../domain/people/mask.ts";
import type { SuppressionRow } from "../ports/config/suppressions.ts";
import { iso } from "./moment.ts";

/** A suppression as the API shows it. */
export type SuppressionView = ReturnType<typeof suppressionView>;

/** @param seesAll Whether the reader may see the number and the words of the person who suppressed it. */
export function suppressionView({ number, reason, until, createdAt, createdBy }: SuppressionRow, seesAll: boolean) {
  return {
    number: seesAll ? number : maskNumber(number),
    reason: seesAll ? reason : maskText(reason),
    until: iso(until),
    created_at: iso(createdAt),
    created_by: createdBy,
  };
}
