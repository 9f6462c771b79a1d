/**
 * A person's decision about a call: read, judge, write under a guard. If another change was faster, the call is read
 * again and reported.
 */
import type { CallStatus } from "../../domain/calls/call.ts";
import { type DecidedCall, type Decision, decidable } from "../../domain/plan/decision.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { DecisionStore } from "../../ports/people/decisions.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { ClaimsStopped } from "../calling/stop.ts";

export type DecidePorts = {
  clock: Clock;
  decisions: DecisionStore;
  /** Default country for calls that were requested directly. */
  defaultCountry: string | null;
};

/** Result of a person's decision. */
export type DecisionResult =
  /** `callId`: the call that continues. It is another call if a further try was made now, or before (`duplicate`). */
  | { readonly ok: true; readonly callId: string; readonly line: string | null; readonly duplicate: boolean }
  | { readonly ok: false; readonly why: "not_found" | "conversation_missing" | "conversation_taken" }
  /** The call's status does not allow this decision, or no longer does. */
  | {
      readonly ok: false;
      readonly why: "state";
      readonly status: CallStatus;
      readonly line: string | null;
      /** Result of asking its line to give the call back. */
      readonly stopped?: ClaimsStopped;
    }
  /** A gate refuses the call. */
  | { readonly ok: false; readonly why: "stopped"; readonly reason: ReasonCode };

/**
 * Attempts per decision. A call may leave a status and return to it between read and write, for example after a 429
 * from Mihu.
 */
const attemptsMax = 3;

/** @param write Makes the change. `"moved"`: the guard found another status than the one read. */
export async function decide(
  decisions: DecisionStore,
  id: string,
  decision: Decision,
  write: (call: DecidedCall) => Promise<DecisionResult | "moved">,
): Promise<DecisionResult> {
  const from: readonly CallStatus[] = decidable[decision];
  for (let attempt = 1; ; attempt++) {
    const call = await decisions.call(id);
    if (call === null) return { ok: false, why: "not_found" };
    if (!from.includes(call.status) || attempt > attemptsMax)
      return { ok: false, why: "state", status: call.status, line: call.line };
    const decided = await write(call);
    if (decided !== "moved") return decided;
  }
}

/** The call itself continues, or has ended. */
export function done({ id, line }: DecidedCall): DecisionResult {
  return { ok: true, callId: id, line, duplicate: false };
}
