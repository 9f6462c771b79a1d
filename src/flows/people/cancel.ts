/**
 * Cancel: a waiting call is not placed. A claimed call is stopped if it has not begun. A POST on its way to Mihu cannot
 * be stopped: the answer says so, and the rule makes no further try.
 */
import type { PersonAct } from "../../ports/person-act.ts";
import { type StopPorts, stopClaimed } from "../calling/stop.ts";
import { type DecidePorts, type DecisionResult, done } from "./decide.ts";

type CancelPorts = Pick<DecidePorts, "decisions"> & StopPorts;

/** `queued`, `held`, or claimed and not begun → `canceled`. */
export async function cancelCall(
  ports: CancelPorts,
  id: string,
  act: PersonAct & { reason: string },
): Promise<DecisionResult> {
  const { canceled, claimed } = await ports.decisions.cancel([id], act);
  const stopped = claimed.length === 0 ? undefined : await stopClaimed(ports, claimed);
  const call = await ports.decisions.call(id);
  if (call === null) return { ok: false, why: "not_found" };
  if (canceled.includes(id) || stopped?.canceled.includes(id)) return done(call);
  return {
    ok: false,
    why: "state",
    status: call.status,
    line: call.line,
    ...(stopped === undefined ? {} : { stopped }),
  };
}
