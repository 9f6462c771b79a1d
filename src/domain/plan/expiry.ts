/**
 * Expiry: the moment from which a call that nobody could place is not placed at all. One rule for every place that asks. Pure.
 *
 * | what asks                                   | `expires` counts from                                           |
 * | ------------------------------------------- | --------------------------------------------------------------- |
 * | the plan, a rehearsal, a replay             | the receipt of the event, by Hookline's clock                   |
 * | a call that is asked for directly           | its request, or its `due_at` if that is later                   |
 * | a person's release or further try           | that decision: the person knows how old the call is             |
 * | a replay that ignores expiry, with a reason | the replay                                                      |
 *
 * The sender's own time (`occurred_at`) is never read: a sender's clock, or its queue, must not decide whether a customer is called.
 */
import { addOpenTime, type OpenHours } from "../people/calling-hours.ts";

/** The rule, in the words of the API and the command line. */
export const expiryRule =
  "`expires` counts the line's open hours since Hookline received the event. The event's own time does not matter.";

/** Start of a call's time to live. */
type ExpiryOf = {
  readonly hours: OpenHours | null;
  readonly zones: readonly string[];
  /** Receipt of the event, or a person's decision, in epoch milliseconds. */
  readonly sinceMs: number;
  readonly expiresMs: number;
};

/** @returns Epoch milliseconds; null if the line has too few open hours for the call ever to expire. */
export function expiryOf({ hours, zones, sinceMs, expiresMs }: ExpiryOf): number | null {
  return addOpenTime(hours, [...zones], sinceMs, expiresMs);
}

/** Whether a call is too old to be placed. */
export function isExpired(expiresAt: number | null, nowMs: number): boolean {
  return expiresAt !== null && expiresAt <= nowMs;
}
