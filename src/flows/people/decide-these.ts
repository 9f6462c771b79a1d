/**
 * One decision about given calls: first the gates, then the write. The write is one statement. Each call has its guard and
 * its entry, as if it were decided alone.
 */
import { type DecidedCall, mayDial, turnOf } from "../../domain/plan/decision.ts";
import type { ClaimedOn } from "../../ports/calling/stops.ts";
import type { DecisionStore, Release } from "../../ports/people/decisions.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import type { ClaimsStopped } from "../calling/stop.ts";
import { newestRelease } from "./release.ts";
import { type Newest, type NewestPorts, renderNewest } from "./render-newest.ts";

/** A decision about all calls. */
export type BulkVerb =
  | { readonly verb: "cancel" }
  | { readonly verb: "release" }
  /** `versions`: for each rule (`source/rule`), the version whose difference was shown. */
  | { readonly verb: "release"; readonly render: "newest"; readonly versions: Readonly<Record<string, number>> }
  | { readonly verb: "resolve"; readonly rang: true }
  | { readonly verb: "resolve"; readonly rang: false; readonly then: "dial" | "close" };

/** Results by call id: null if done, otherwise why it was passed over. */
export type Ends = Map<string, string | null>;

/** Calls that a decision would dial, and the calls that it leaves as they are. */
type MayDecide = { readonly dials: readonly Release[]; readonly ends: Ends };

/** Writes a decision. @returns `claimed`: calls that were canceled while a line held them, and that the line has to give back. */
export async function decideThese(
  decisions: Pick<DecisionStore, "cancel" | "close" | "release" | "rang" | "again">,
  what: BulkVerb,
  calls: readonly DecidedCall[],
  asked: MayDecide,
  act: PersonAct,
): Promise<{ ends: Ends; claimed: readonly ClaimedOn[] }> {
  const ends: Ends = new Map(asked.ends);
  const left = calls.filter(({ id }) => !ends.has(id));
  const ids = left.map(({ id }) => id);
  if (ids.length === 0) return { ends, claimed: [] };
  if (what.verb === "cancel") {
    const { canceled, claimed, stopped } = await decisions.cancel(ids, act);
    for (const id of stopped) ends.set(id, "in_flight");
    for (const id of canceled) ends.set(id, null);
    return { ends, claimed };
  }
  const chosen = new Set(ids);
  const dials = asked.dials.filter(({ id }) => chosen.has(id));
  if (what.verb === "release")
    for (const [id, end] of await decisions.release(dials, act)) ends.set(id, end === "released" ? null : end);
  else if (what.rang) {
    const said = left.map(({ id, conversationUuid }) => ({ id, conversationUuid }));
    for (const [id, end] of await decisions.rang(said, act))
      ends.set(id, end === "placed" ? null : end === "taken" ? "conversation_taken" : end);
  } else if (what.then === "close") for (const id of await decisions.close(ids, act)) ends.set(id, null);
  else
    for (const [id, end] of await decisions.again(dials, "resolve", act))
      ends.set(id, typeof end === "string" ? end : null);
  return { ends, claimed: [] };
}

/** Results for canceled calls that lines had claimed. */
export function endsOfClaimed({ inFlight, canceled, unconfirmed }: ClaimsStopped): Ends {
  const open = new Set(unconfirmed);
  return new Map([
    ...inFlight.map((id) => [id, open.has(id) ? "unconfirmed" : "in_flight"] as const),
    ...canceled.map((id) => [id, null] as const),
  ]);
}

/**
 * Checks before the write: the gates of all calls that would ring, and whether Mihu could be asked about them at all.
 */
export async function mayDecide(
  ports: NewestPorts,
  what: BulkVerb,
  calls: readonly DecidedCall[],
  rendered?: ReadonlyMap<string, Newest>,
): Promise<MayDecide> {
  const ends: Ends = new Map();
  const dials: Release[] = [];
  if (what.verb === "resolve" && what.rang)
    for (const { id, conversationUuid, mihuId } of calls)
      if (conversationUuid === null && mihuId === null) ends.set(id, "conversation_missing");
  if (!rings(what)) return { dials, ends };
  if ("render" in what) {
    const newest = rendered ?? (await newestOf(ports, what, calls));
    for (const call of calls) {
      const asked = newestRelease(call, newest.get(call.id), what.versions[ruleName(call)]);
      if (asked.ok) dials.push(asked.release);
      else ends.set(call.id, asked.reason);
    }
    return { dials, ends };
  }
  const nowMs = ports.clock.now();
  const lines = await linesOf(ports, calls);
  for (const call of calls) {
    const asked = mayDial(call, lines.get(call.line ?? "") ?? null, ports.defaultCountry, nowMs);
    if (asked.ok)
      dials.push({ id: call.id, times: asked.times, turn: what.verb === "release" ? turnOf(call, nowMs) : null });
    else ends.set(call.id, asked.reason);
  }
  return { dials, ends };
}

/** Current versions of the calls, for a release that sends them. */
export async function newestOf(
  ports: NewestPorts,
  what: BulkVerb,
  calls: readonly DecidedCall[],
): Promise<ReadonlyMap<string, Newest>> {
  return "render" in what && calls.length > 0 ? await renderNewest(ports, calls) : new Map();
}

/** Key of a rule in `versions`. */
export function ruleName({ source, rule }: DecidedCall): string {
  return `${source}/${rule}`;
}

export function rings(what: BulkVerb): boolean {
  return what.verb === "release" || (what.verb === "resolve" && !what.rang && what.then === "dial");
}

async function linesOf(ports: NewestPorts, calls: readonly DecidedCall[]) {
  const slugs = [...new Set(calls.flatMap(({ line }) => line ?? []))];
  return new Map(await Promise.all(slugs.map(async (slug) => [slug, await ports.decisions.line(slug)] as const)));
}

export function tally(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
