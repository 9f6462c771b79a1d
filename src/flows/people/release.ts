/**
 * Release: a call that was held rings, if every gate lets it now.
 *
 * | render   | the call rings                                                                                             |
 * | -------- | ---------------------------------------------------------------------------------------------------------- |
 * | `shown`  | as it was shown when it was held; one that lacks a text stays held                                          |
 * | `newest` | as the named version of its rule makes it, if that is today's: the difference was shown before it was named |
 */
import { type DecidedCall, mayDial, turnOf } from "../../domain/plan/decision.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { Release } from "../../ports/people/decisions.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type DecidePorts, type DecisionResult, decide, done } from "./decide.ts";
import { type Newest, type NewestPorts, renderNewest } from "./render-newest.ts";

/** `held` → `queued`, due now or at the next calling hour, as it was shown. */
export async function releaseCall(ports: DecidePorts, id: string, act: PersonAct): Promise<DecisionResult> {
  return await decide(ports.decisions, id, "release", async (call) => {
    const nowMs = ports.clock.now();
    const line = call.line === null ? null : await ports.decisions.line(call.line);
    const asked = mayDial(call, line, ports.defaultCountry, nowMs);
    if (!asked.ok) return { ok: false, why: "stopped", reason: asked.reason };
    return await write(ports, call, { id, times: asked.times, turn: turnOf(call, nowMs) }, act);
  });
}

/** `held` → `queued`, as today's version of its rule makes it. @param version the version whose difference was shown */
export async function releaseNewest(
  ports: NewestPorts,
  id: string,
  version: number,
  act: PersonAct,
): Promise<DecisionResult> {
  return await decide(ports.decisions, id, "release", async (call) => {
    const newest = (await renderNewest(ports, [call])).get(id);
    const asked = newestRelease(call, newest, version);
    if (!asked.ok) return { ok: false, why: "stopped", reason: asked.reason };
    return await write(ports, call, asked.release, act);
  });
}

/** The values that a release by a named version of the rule writes, or the reason why the call is not released so. */
export function newestRelease(
  { id }: DecidedCall,
  newest: Newest | undefined,
  version: number | undefined,
): { readonly ok: true; readonly release: Release } | { readonly ok: false; readonly reason: ReasonCode } {
  if (newest === undefined) return { ok: false, reason: "rule_gone" };
  if (newest.version !== null && newest.version !== version) return { ok: false, reason: "rule_changed" };
  if (!newest.ok) return { ok: false, reason: newest.reason };
  return { ok: true, release: { id, times: newest.times, turn: newest.draft.once, newest: newest.draft } };
}

async function write(
  ports: DecidePorts,
  call: DecidedCall,
  release: Release,
  act: PersonAct,
): Promise<DecisionResult | "moved"> {
  const end = (await ports.decisions.release([release], act)).get(call.id) ?? "moved";
  switch (end) {
    case "released":
      return { ...done(call), ...(release.newest === undefined ? {} : { line: release.newest.line }) };
    case "moved":
      return "moved";
    case "suppressed":
    case "once_per":
    case "rule_changed":
      return { ok: false, why: "stopped", reason: end };
  }
}
