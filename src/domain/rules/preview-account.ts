/** The budget of work of one preview. Pure. */
import type { WorkAccount } from "./context.ts";

/**
 * Work of one preview, over all its rules and events, in the weights of conditions: thirty of the heaviest evaluations. Each condition of a
 * preview is evaluated up to three times.
 */
const previewWeightMax = 3_000_000;

/** @returns the account of one preview: all its rules and events draw on it */
export function previewAccount(): WorkAccount {
  return { left: previewWeightMax };
}

/** Whether nothing more can be previewed. */
export function isSpent({ left }: WorkAccount): boolean {
  return left <= 0;
}
