/** A person's decision about a call: read, judge, write under the guard; who was first is read again and told. */
import type { CallStatus } from "../../domain/calls/call.ts";
import { type DecidedCall, type Decision, decidable } from "../../domain/plan/decision.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { DecisionStore } from "../../ports/people/decisions.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { ClaimsStopped } from "../calling/stop.ts";

export type DecidePorts = {
  clock: Clock;
  decisions: DecisionStore;
  /** Of calls that were asked for directly. */
  defaultCountry: string | null;
};

/** How a person's decision ended. */
export type DecisionResult =
  /** `callId`: the call that goes on; another one where a further try was made, or had been made before (`duplicate`). */
  | { readonly ok: true; readonly callId: string; readonly line: string | null; readonly duplicate: boolean }
  | { readonly ok: false; readonly why: "not_found" | "conversation_missing" | "conversation_taken" }
  /** It is not, or no longer, in a status from which this may be decided. */
  | {
      readonly ok: false;
      readonly why: "state";
      readonly status: CallStatus;
      readonly line: string | null;
      /** Its line was asked to give it back. */
      readonly stopped?: ClaimsStopped;
    }
  /** A gate says that it must not ring. */
  | { readonly ok: false; readonly why: "stopped"; readonly reason: ReasonCode };

/** A call may leave a status and come back to it between a read and a write: Mihu's 429 does that. */
const attemptsMax = 3;

/** @param write makes the change; `"moved"`: the guard found the call in another status than was read */
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

/** The call itself goes on, or has ended. */
export function done({ id, line }: DecidedCall): DecisionResult {
  return { ok: true, callId: id, line, duplicate: false };
}
