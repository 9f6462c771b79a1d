import type { ClaimsStopped } from "../../flows/calling/stop.ts";
import type { CallsStopped } from "../../flows/calling/stop-calls.ts";
import { iso } from "../moment.ts";

/** Claimed calls: as a line's object counts them, or by their ids. */
export type Stopped = Pick<ClaimsStopped, "unconfirmedUntil"> & {
  readonly givenBack: number | readonly string[];
  readonly inFlight: number | readonly string[];
};

/**
 * The field `stopped` of an answer: the calls that lines had claimed when something stopped them, each in one of the two counts. A call
 * that its line gave back is canceled, or waits for gates that are asked again. `in_flight`: it is on its way to Mihu, or its line did not
 * answer.
 */
export function stoppedView({ givenBack, inFlight, unconfirmedUntil }: Stopped) {
  const counts = { given_back: countOf(givenBack), in_flight: countOf(inFlight) };
  if (unconfirmedUntil === null) return { confirmed: true, ...counts };
  return {
    confirmed: false,
    until: iso(unconfirmedUntil),
    detail:
      "A line's object did not confirm the stop. Calls that it had claimed may still begin until then; none does after it.",
    ...counts,
  };
}

const countOf = (calls: number | readonly string[]) => (typeof calls === "number" ? calls : calls.length);

/** The calls of a rule, or of a source (`rule: null`), that waited for a change that stops them. */
export type WaitingCalls = CallsStopped & {
  readonly source: string;
  readonly rule: string | null;
  /** Calls that ring all the same, because that was wanted. */
  readonly kept: number;
};

/**
 * The field `waiting_calls` of an answer. `canceled`: they are canceled, because they waited or because their line gave them back; the
 * `canceled_calls` of other answers say the same. `remaining`: the sweep cancels them, and none of them rings.
 */
export function waitingCallsView(calls: readonly WaitingCalls[]) {
  return calls
    .filter(({ canceled, kept, remaining }) => canceled + kept + remaining > 0)
    .map(({ source, rule, canceled, kept, remaining }) => ({ source, rule, canceled, kept, remaining }));
}
