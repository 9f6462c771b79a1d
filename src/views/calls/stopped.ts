import type { ClaimsStopped } from "../../flows/calling/stop.ts";
import type { CallsConcerned } from "../../ports/config/config.ts";
import { iso } from "../moment.ts";

/** The calls that lines had claimed when something stopped them. Its fields are those of the answer to a pause. */
export function claimsStoppedView({ givenBack, inFlight, unconfirmedUntil }: ClaimsStopped) {
  const counts = { given_back: givenBack.length, in_flight: inFlight.length };
  if (unconfirmedUntil === null) return { confirmed: true, ...counts };
  return {
    confirmed: false,
    until: iso(unconfirmedUntil),
    detail: "A line's object did not answer. Calls that it had claimed may still begin until then; none does after it.",
    ...counts,
  };
}

/** The calls that waited for rules that ring nobody any more, or for closed sources. `kept`: they ring all the same. */
export function callsConcernedView({ source, rule, canceled, kept }: CallsConcerned) {
  return { source, rule, canceled, kept };
}

/** Calls that a change of the configuration concerns, and what became of those that lines had claimed. */
export function waitingCallsView(calls: readonly CallsConcerned[], stopped: ClaimsStopped) {
  return {
    ...(calls.length === 0 ? {} : { waiting_calls: calls.map(callsConcernedView) }),
    stopped: claimsStoppedView(stopped),
  };
}
