/** Cancel: a call that waits is not placed. A claim that was faster wins, and the answer says so; its rule then makes no further try. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type DecidePorts, type DecisionResult, decide, done } from "./decide.ts";

/** Mihu has it, or may have it: it cannot be called back. */
const underWay: readonly CallStatus[] = ["dialing", "unknown", "placed"];

/** `queued` or `held` → `canceled`. */
export async function cancelCall(
  ports: Pick<DecidePorts, "decisions">,
  id: string,
  act: PersonAct & { reason: string },
): Promise<DecisionResult> {
  const decided = await decide(ports.decisions, id, "cancel", async (call) =>
    (await ports.decisions.cancel([id], act)).includes(id) ? done(call) : "moved",
  );
  // Too late for this call. Whoever cancels it wants no other one either.
  if (!decided.ok && decided.why === "state" && underWay.includes(decided.status))
    await ports.decisions.stopTries(id, act);
  return decided;
}
