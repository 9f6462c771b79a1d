/**
 * Release: a held call rings, if every gate allows it now.
 *
 * | render   | the call rings                                                                                       |
 * | -------- | ---------------------------------------------------------------------------------------------------- |
 * | `shown`  | with the texts shown when it was held; a call that lacks a text stays held                           |
 * | `newest` | with the texts of the named version of its rule, if that is current: the difference was shown before |
 */
import { type DecidedCall, mayDial, turnOf } from "../../domain/plan/decision.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { Release } from "../../ports/people/decisions.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type DecidePorts, type DecisionResult, decide, done } from "./decide.ts";
import { type Newest, type NewestPorts, renderNewest } from "./render-newest.ts";

/** `held` → `queued`, with the shown texts, due now or in the next calling hours. */
export async function releaseCall(ports: DecidePorts, id: string, act: PersonAct): Promise<DecisionResult> {
  return await decide(ports.decisions, id, "release", async (call) => {
    const nowMs = ports.clock.now();
    const line = call.line === null ? null : await ports.decisions.line(call.line);
    const asked = mayDial(call, line, ports.defaultCountry, nowMs);
    if (!asked.ok) return { ok: false, why: "stopped", reason: asked.reason };
    return await write(ports, call, { id, times: asked.times, turn: turnOf(call, nowMs) }, act);
  });
}

/** `held` → `queued`, by the current version of its rule. @param version The version whose difference was shown. */
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

/** Values that a release by a named version writes, or the reason why the call is not released. */
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
