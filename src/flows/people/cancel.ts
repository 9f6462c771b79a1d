/**
 * Cancel: a call that waits is not placed. One that a line has claimed is stopped if it is not begun. What is on its way to Mihu cannot be
 * called back: the answer says so, and its rule makes no further try.
 */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type StopPorts, stopClaimed } from "../calling/stop.ts";
import { type DecidePorts, type DecisionResult, decide, done } from "./decide.ts";

type CancelPorts = Pick<DecidePorts, "decisions"> & StopPorts;

/** Mihu has it, or may have it. */
const underWay: readonly CallStatus[] = ["dialing", "unknown", "placed"];

/** A call may come back to the queue between a read and a write, as often as its line gives it back. */
const attemptsMax = 3;

/** `queued`, `held`, or claimed and not begun → `canceled`. */
export async function cancelCall(
  ports: CancelPorts,
  id: string,
  act: PersonAct & { reason: string },
): Promise<DecisionResult> {
  for (let attempt = 1; ; attempt++) {
    const decided = await decide(ports.decisions, id, "cancel", async (call) =>
      (await ports.decisions.cancel([id], act)).includes(id) ? done(call) : "moved",
    );
    if (decided.ok || decided.why !== "state" || !underWay.includes(decided.status)) return decided;
    // Whoever cancels it wants no other try either, and none of this one if it comes back.
    await ports.decisions.stopTries(id, act);
    const { line } = decided;
    if (decided.status !== "dialing" || line === null) return decided;
    const stopped = await stopClaimed(ports, [{ id, line }]);
    if (stopped.canceled.includes(id)) return { ok: true, callId: id, line, duplicate: false };
    if (stopped.inFlight.includes(id) || attempt === attemptsMax) return { ...decided, stopped };
  }
}
