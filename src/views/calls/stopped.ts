import type { ClaimsStopped } from "../../flows/calling/stop.ts";
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
