/** Whether a call that was put before a person is explained by a fault that truly hid whether it rang. Pure. */
import type { CallFault, Post } from "../../../dev/simulator/engine/types.ts";
import type { Struck } from "../world/strike.ts";
import type { CallRow } from "../world/truth.ts";

/** `explained` false: nothing that was injected hides the answer, so the product should have known it. */
type Explanation = { readonly explained: boolean; readonly cause: string };

/** Faults after which nobody can know that nothing rang. */
const hidesNoRing: ReadonlySet<string> = new Set([
  "before_307",
  "before_409",
  "before_500",
  "before_503",
  "drop_before",
  "hang_before",
] satisfies CallFault[]);
/** Answers that say that it did not ring. */
const saysNoRing: ReadonlySet<string> = new Set([
  "before_401",
  "before_402",
  "before_403",
  "before_404",
  "before_422",
  "before_429",
] satisfies CallFault[]);
/** Faults that may lose a claim's answer, or a recording. */
const takesAnswers: ReadonlySet<string> = new Set([
  "kill",
  "second_instance",
  "postgres_stop",
  "postgres_crash",
  "backend_ended",
  "statement_canceled",
  "cut_midway",
  "cut_unanswered",
  "hang",
]);

const clockMs = 1_000;
/** A lease, and the statement's own time limit before it. */
const leaseMs = 90_000;
/** Claims of one number within this time may both be the one call that Mihu has. */
const sameRingMs = 125_000;
/** Claimed calls are sent at once, so only a fault within this time, the claim's own deadline included, can prevent that. */
const beginMs = 20_000;

/** @returns whether a request may have rung, as far as its sender can know */
export function mayHaveRung({ fault }: Pick<Post, "fault">): boolean {
  return !saysNoRing.has(fault);
}

/**
 * @param posts the requests that named this call's token, in their order
 * @param near all requests to the call's number at its line's agent
 * @param struck what the run itself broke
 * @param siblings other calls of the line to the same number
 */
export function explainReview(
  call: Pick<CallRow, "claimedAt" | "reason">,
  posts: readonly Post[],
  near: readonly Post[],
  struck: readonly Struck[],
  siblings: readonly CallRow[],
): Explanation {
  const claimedAt = call.claimedAt ?? 0;
  const within = ({ at }: Post) => at >= claimedAt - clockMs && at <= claimedAt + leaseMs;
  const last = posts.filter(within).at(-1);
  const broken = struckWithin(
    struck,
    claimedAt - clockMs,
    last === undefined ? claimedAt + beginMs : last.at + leaseMs,
  );
  if (last === undefined)
    return broken === null
      ? { explained: false, cause: "claimed and never sent, though nothing broke" }
      : { explained: true, cause: `claimed and never sent: ${broken}` };
  if (hidesNoRing.has(last.fault)) return { explained: true, cause: `not rung, hidden by ${last.fault}` };
  if (saysNoRing.has(last.fault))
    return broken === null
      ? { explained: false, cause: `${last.fault} was answered and is not known` }
      : { explained: true, cause: `${last.fault} was answered, and lost: ${broken}` };
  const rivals = near.filter((post) => post.ringId !== null && within(post));
  if (call.reason === "several_found" && rivals.length > 1)
    return { explained: true, cause: "rung, and several calls to one number may be it" };
  // Nobody knows of the other call either whether it rang, so what Mihu has may be the one or the other.
  if (siblings.some((other) => other.status === "review" && Math.abs((other.claimedAt ?? 0) - claimedAt) <= sameRingMs))
    return { explained: true, cause: "rung, and another call in review to the number may be it" };
  return {
    explained: false,
    cause: `rung (${last.fault}) and ${call.reason === "not_found" ? "not found" : "doubted"}`,
  };
}

/** The fault of this time that began last: what is nearest to the loss. */
function struckWithin(struck: readonly Struck[], from: number, until: number): string | null {
  const found = struck.filter((one) => takesAnswers.has(one.kind) && one.until >= from && one.from <= until);
  const order = [
    "kill",
    "second_instance",
    "postgres_stop",
    "postgres_crash",
    "hang",
    "backend_ended",
    "statement_canceled",
    "cut_unanswered",
    "cut_midway",
  ];
  found.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
  return found[0]?.kind ?? null;
}
