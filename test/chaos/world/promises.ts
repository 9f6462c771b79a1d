/** The time from which the answer to a change must be true. Pure. */

/** The part of an answer that says so. An earlier version says nothing. */
export type Told = {
  readonly confirmed?: boolean;
  readonly until?: string;
  readonly stopped?: { readonly confirmed: boolean; readonly until?: string; readonly in_flight: number };
};

/** The product promises that no request begins later than this after its claim. */
const postWithinMs = 2_000;
/** A request takes a moment to arrive on a busy machine. */
const arrivesMs = 500;

/**
 * @param at the time of the answer, in epoch milliseconds
 * @returns the time from which the answer is to be true; `null`: it promises nothing
 */
export function promisedFrom({ confirmed, until, stopped }: Told, at: number): number | null {
  if (confirmed === undefined && stopped === undefined) return null;
  const after = (iso: string | undefined) => {
    if (iso === undefined) throw new Error("an answer that is not confirmed does not say until when");
    return Date.parse(iso) + arrivesMs;
  };
  // Calls that were on their way begin soon or never.
  const lines =
    stopped === undefined || (stopped.confirmed && stopped.in_flight === 0)
      ? at
      : stopped.confirmed
        ? at + postWithinMs + arrivesMs
        : after(stopped.until);
  return Math.max(lines, confirmed === false ? after(until) : at);
}
