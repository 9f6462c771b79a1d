/**
 * Work budgets over all rules of a source. Each evaluation has its own limit (condition/meter.ts, text/meter.ts); many
 * rules together need one too. Work is counted in the weights of conditions, never timed. Pure.
 *
 * | work                       | budget       | when it is used up                                                                       |
 * | -------------------------- | ------------ | ---------------------------------------------------------------------------------------- |
 * | a plan of one event        | one for it   | rules run in order, so later ones fail with `rules_too_heavy`, which is stored           |
 * | a preview                  | one for all  | later rules and events are `not_previewed`                                               |
 * | one request of a rehearsal | one for all  | the next request continues with the next event                                           |
 */
import type { WorkAccount } from "./context.ts";

/**
 * Work of one plan, or of one preview: thirty of the heaviest evaluations. A preview evaluates each condition up to
 * three times.
 */
const planWeightMax = 3_000_000;

/** Work of one request of a rehearsal: some seconds of computing, of the thirty that a Worker may use. */
const rehearsalWeightMax = 15_000_000;

/** @returns The account of one event's plan, shared by all rules of its source. */
export function planAccount(): WorkAccount {
  return { left: planWeightMax };
}

/** @returns The account of one preview, shared by all its rules and events. */
export function previewAccount(): WorkAccount {
  return { left: planWeightMax };
}

/** @returns The account of one request of a rehearsal, shared by all its events through {@link drawWork}. */
export function rehearsalAccount(): WorkAccount {
  return { left: rehearsalWeightMax };
}

/** Charges the cost of an event's plan to an account. */
export function drawWork(account: WorkAccount, { left }: WorkAccount): void {
  account.left -= planWeightMax - left;
}

/** Whether an account is used up. */
export function isSpent({ left }: WorkAccount): boolean {
  return left <= 0;
}
