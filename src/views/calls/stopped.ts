import type { ClaimsStopped } from "../../flows/calling/stop.ts";
import type { CallsStopped } from "../../flows/calling/stop-calls.ts";
import { iso } from "../moment.ts";

/** Claimed calls: as numbers from the line's object, or as ids. */
export type Stopped = Pick<ClaimsStopped, "unconfirmedUntil"> & {
  readonly givenBack: number | readonly string[];
  readonly inFlight: number | readonly string[];
};

/**
 * The response field `stopped`: calls that lines had already claimed when they were stopped.
 *
 * A call that its line gave back is canceled, or waits for a new check of its gates. `in_flight`: it is on its way to
 * Mihu, or its line did not answer.
 */
export function stoppedView({ givenBack, inFlight, unconfirmedUntil }: Stopped) {
  const counts = { given_back: countOf(givenBack), in_flight: countOf(inFlight) };
  if (unconfirmedUntil === null) return { confirmed: true, ...counts };
  return {
    confirmed: false,
    until: iso(unconfirmedUntil),
    detail:
      "A line did not confirm the stop. Calls that it had claimed may still begin until the time in `until`, and none after it.",
    ...counts,
  };
}

const countOf = (calls: number | readonly string[]) => (typeof calls === "number" ? calls : calls.length);

/** Queued calls of a rule, or of a source (`rule: null`), that a change stops. */
export type WaitingCalls = CallsStopped & {
  readonly source: string;
  readonly rule: string | null;
  /** Calls that ring anyway, because the client chose so. */
  readonly kept: number;
};

/**
 * The response field `waiting_calls`.
 *
 * - `canceled`: calls that were canceled while queued, or after their line returned them. Other responses call this
 *   field `canceled_calls`.
 * - `remaining`: calls that the sweep will cancel. None of these calls rings.
 */
export function waitingCallsView(calls: readonly WaitingCalls[]) {
  return calls
    .filter(({ canceled, kept, remaining }) => canceled + kept + remaining > 0)
    .map(({ source, rule, canceled, kept, remaining }) => ({ source, rule, canceled, kept, remaining }));
}
