/** Again: a further try by a person. It is a row of its own, and one try makes only one. */
import { type DecidedCall, mayDial } from "../../domain/plan/decision.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type DecidePorts, type DecisionResult, decide } from "./decide.ts";

/** A call whose end is known → a further try, or the one that there is already. */
export async function callAgain(
  ports: DecidePorts,
  id: string,
  act: PersonAct & { reason: string },
): Promise<DecisionResult> {
  return await decide(ports.decisions, id, "again", (call) => makeFurtherTry(ports, call, "again", act));
}

/** The further try of a call. Out of `review` it cancels the call in the same statement. */
export async function makeFurtherTry(
  ports: DecidePorts,
  call: DecidedCall,
  decision: "again" | "resolve",
  act: PersonAct & { reason: string },
): Promise<DecisionResult | "moved"> {
  const line = call.line === null ? null : await ports.decisions.line(call.line);
  const asked = mayDial(call, line, ports.defaultCountry, ports.clock.now());
  if (!asked.ok) return { ok: false, why: "stopped", reason: asked.reason };
  const ends = await ports.decisions.again([{ id: call.id, times: asked.times }], decision, act);
  const end = ends.get(call.id) ?? "moved";
  if (end === "moved") return end;
  if (end === "suppressed") return { ok: false, why: "stopped", reason: end };
  return { ok: true, ...end, line: call.line };
}
