/** Release: a call that was held rings, if every gate lets it now. */
import { mayDial, turnOf } from "../../domain/plan/decision.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type DecidePorts, type DecisionResult, decide, done } from "./decide.ts";

/** `held` → `queued`, due now or at the next calling hour. A call without one of its texts stays held. */
export async function releaseCall(ports: DecidePorts, id: string, act: PersonAct): Promise<DecisionResult> {
  return await decide(ports.decisions, id, "release", async (call) => {
    const nowMs = ports.clock.now();
    const line = call.line === null ? null : await ports.decisions.line(call.line);
    const asked = mayDial(call, line, ports.defaultCountry, nowMs);
    if (!asked.ok) return { ok: false, why: "stopped", reason: asked.reason };
    const ends = await ports.decisions.release([{ id, times: asked.times, turn: turnOf(call, nowMs) }], act);
    const end = ends.get(id) ?? "moved";
    switch (end) {
      case "released":
        return done(call);
      case "moved":
        return "moved";
      case "suppressed":
      case "once_per":
        return { ok: false, why: "stopped", reason: end };
    }
  });
}
