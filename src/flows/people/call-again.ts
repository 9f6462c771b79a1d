/** Again: a further try by a person. The further try is a separate call, and each try can have only one further try. */
import { type DecidedCall, mayDial } from "../../domain/plan/decision.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type DecidePorts, type DecisionResult, decide } from "./decide.ts";

/** Makes a further try of a call with a known end, or returns the existing one. */
export async function callAgain(
  ports: DecidePorts,
  id: string,
  act: PersonAct & { reason: string },
): Promise<DecisionResult> {
  return await decide(ports.decisions, id, "again", (call) => makeFurtherTry(ports, call, "again", act));
}

/** Makes the further try of a call. A call in `review` is canceled by the same statement. */
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
