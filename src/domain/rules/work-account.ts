/**
 * Budgets of work over all rules of a source. Each evaluation has a limit of its own (condition/meter.ts, text/meter.ts); many rules together
 * need one too. Work is counted in the weights of conditions, never timed. Pure.
 *
 * | what is done               | budget       | when it is spent                                                                       |
 * | -------------------------- | ------------ | -------------------------------------------------------------------------------------- |
 * | a plan of one event        | one for it   | rules decide in their order, so those behind fail with `rules_too_heavy`, and are stored |
 * | a preview                  | one for all  | the rules and events behind say `not_previewed`                                        |
 * | one request of a rehearsal | one for all  | the next request goes on with the next event                                           |
 */
import type { WorkAccount } from "./context.ts";

/** Work of one plan, or of one preview: thirty of the heaviest evaluations. A preview evaluates each condition up to three times. */
const planWeightMax = 3_000_000;

/** Work of one request of a rehearsal. Some seconds of computing, of the thirty that a Worker may take. */
const rehearsalWeightMax = 15_000_000;

/** @returns the account of one event's plan: all rules of its source draw on it */
export function planAccount(): WorkAccount {
  return { left: planWeightMax };
}

/** @returns the account of one preview: all its rules and events draw on it */
export function previewAccount(): WorkAccount {
  return { left: planWeightMax };
}

/** @returns the account of one request of a rehearsal: all its events draw on it, by {@link drawWork} */
export function rehearsalAccount(): WorkAccount {
  return { left: rehearsalWeightMax };
}

/** Charges to an account what an event's plan has cost. */
export function drawWork(account: WorkAccount, { left }: WorkAccount): void {
  account.left -= planWeightMax - left;
}

/** Whether nothing more can be done. */
export function isSpent({ left }: WorkAccount): boolean {
  return left <= 0;
}
