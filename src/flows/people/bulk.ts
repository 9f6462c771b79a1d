/**
 * Bulk: one decision about all calls of a filter, the oldest first, up to the limit of one request. Each call passes
 * the gates, has its guard and its entry, as if it were decided alone. If another change of a call was faster, that
 * change wins and the call is counted as `moved`.
 */

import type { MadeCall } from "../../domain/calls/rings-anyway.ts";
import { type DecidedCall, mayDial, turnOf } from "../../domain/plan/decision.ts";
import type { CallFilter } from "../../ports/lookups/calls.ts";
import type { Cursor } from "../../ports/page.ts";
import type { Release, Survey } from "../../ports/people/decisions.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { type ClaimsStopped, type StopPorts, stopClaimed } from "../calling/stop.ts";
import { newestRelease } from "./release.ts";
import { type Newest, type NewestPorts, renderNewest } from "./render-newest.ts";

/** Calls of one bulk decision. One statement writes all of them with their entries and verdicts. */
const callsPerBulkMax = 1_000;

/** A decision about all calls. */
export type BulkVerb =
  | { readonly verb: "cancel" }
  | { readonly verb: "release" }
  /** `versions`: for each rule (`source/rule`), the version whose difference was shown. */
  | { readonly verb: "release"; readonly render: "newest"; readonly versions: Readonly<Record<string, number>> }
  | { readonly verb: "resolve"; readonly rang: true }
  | { readonly verb: "resolve"; readonly rang: false; readonly then: "dial" | "close" };

/** Result of one request. */
type BulkDone = {
  readonly done: number;
  /**
   * Calls left as they were, by reason: a gate's reason, `moved` (the status changed meanwhile), or a missing part of a
   * resolution.
   */
  readonly skipped: Readonly<Record<string, number>>;
  /** Calls of `done` that will ring, in their state before. */
  readonly rung: readonly MadeCall[];
  /** Lines with calls to dial now. */
  readonly lines: readonly string[];
  /** Cursor of the next request; null at the end. */
  readonly next: Cursor | null;
  /** For a cancellation: calls that lines had claimed. */
  readonly stopped: ClaimsStopped | null;
};

/** The plan of a decision: all matching calls by status, and for the first request the calls that a gate would stop. */
type BulkPlan = Survey & {
  readonly stopped: Readonly<Record<string, number>>;
  /** Calls of the first request that would ring. */
  readonly rung: readonly MadeCall[];
  /** For a release by current rules: their versions, and the differences of some calls. */
  readonly versions: Readonly<Record<string, number>>;
  readonly differing: readonly { readonly call: DecidedCall; readonly newest: Newest }[];
};

/** Calls of a plan for which the difference is shown. */
const differingMax = 10;

/** Results by call id: null if done, otherwise why it was passed over. */
type Ends = Map<string, string | null>;

/** Decides about the calls of a filter, beginning after `after`. */
export async function decideMany(
  ports: NewestPorts & StopPorts,
  what: BulkVerb,
  filter: CallFilter,
  after: Cursor | null,
  act: PersonAct,
): Promise<BulkDone> {
  const { calls, next } = await ports.decisions.decidable(filter, what.verb, callsPerBulkMax, after);
  const { ends, stopped } =
    calls.length === 0 ? { ends: new Map(), stopped: null } : await writeDecisions(ports, what, calls, act);
  const left = rings(what) ? calls.filter(({ id }) => !ends.has(id)) : [];
  if (left.length > 0) {
    // A line, a source or a call changed meanwhile. Calls that may still be decided are read and computed again, once.
    const ids = new Set(left.map(({ id }) => id));
    const fresh = (await ports.decisions.decidable(filter, what.verb, callsPerBulkMax, after)).calls;
    const again = fresh.filter(({ id }) => ids.has(id));
    if (again.length > 0)
      for (const [id, end] of (await writeDecisions(ports, what, again, act)).ends) ends.set(id, end);
  }
  const done = calls.filter(({ id }) => ends.get(id) === null);
  return {
    done: done.length,
    rung: rungBy(what, done),
    skipped: tally(calls.flatMap(({ id }) => (ends.get(id) === null ? [] : [ends.get(id) ?? "moved"]))),
    lines: [...new Set(done.flatMap(({ line }) => line ?? []))],
    next,
    stopped,
  };
}

/** Returns the plan of {@link decideMany} and changes nothing. */
export async function planMany(ports: NewestPorts, what: BulkVerb, filter: CallFilter): Promise<BulkPlan> {
  const survey = await ports.decisions.survey(filter, what.verb);
  const { calls } = await ports.decisions.decidable(filter, what.verb, callsPerBulkMax, null);
  const newest = await newestOf(ports, what, calls);
  const versions = Object.fromEntries(
    calls.flatMap((call) => {
      const version = newest.get(call.id)?.version ?? null;
      return version === null ? [] : [[ruleName(call), version] as const];
    }),
  );
  const asked = "render" in what ? { ...what, versions } : what;
  const { ends } = await mayDecide(ports, asked, calls, newest);
  const differing = calls.flatMap((call) => {
    const one = newest.get(call.id);
    return one === undefined ? [] : [{ call, newest: one }];
  });
  return {
    ...survey,
    stopped: tally([...ends.values()].flatMap((end) => end ?? [])),
    rung: rungBy(
      what,
      calls.filter(({ id }) => !ends.has(id)),
    ),
    versions,
    differing: differing.slice(0, differingMax),
  };
}

async function writeDecisions(
  ports: NewestPorts & StopPorts,
  what: BulkVerb,
  calls: readonly DecidedCall[],
  act: PersonAct,
): Promise<{ ends: Ends; stopped: ClaimsStopped | null }> {
  const { decisions } = ports;
  const { dials, ends } = await mayDecide(ports, what, calls);
  const left = calls.filter(({ id }) => !ends.has(id));
  const ids = left.map(({ id }) => id);
  let stopped: ClaimsStopped | null = null;
  if (ids.length === 0) return { ends, stopped };
  if (what.verb === "cancel") {
    const { canceled, claimed, stopped: under } = await decisions.cancel(ids, act);
    stopped = claimed.length === 0 ? null : await stopClaimed(ports, claimed);
    for (const id of under) ends.set(id, "in_flight");
    for (const id of stopped?.inFlight ?? [])
      ends.set(id, stopped?.unconfirmedUntil === null ? "in_flight" : "unconfirmed");
    for (const id of [...canceled, ...(stopped?.canceled ?? [])]) ends.set(id, null);
  } else if (what.verb === "release")
    for (const [id, end] of await decisions.release(dials, act)) ends.set(id, end === "released" ? null : end);
  else if (what.rang) {
    const said = left.map(({ id, conversationUuid }) => ({ id, conversationUuid }));
    for (const [id, end] of await decisions.rang(said, act))
      ends.set(id, end === "placed" ? null : end === "taken" ? "conversation_taken" : end);
  } else if (what.then === "close") for (const id of await decisions.close(ids, act)) ends.set(id, null);
  else
    for (const [id, end] of await decisions.again(dials, "resolve", act))
      ends.set(id, typeof end === "string" ? end : null);
  return { ends, stopped };
}

/**
 * Checks before the write: the gates of all calls that would ring, and whether Mihu could be asked about them at all.
 */
async function mayDecide(
  ports: NewestPorts,
  what: BulkVerb,
  calls: readonly DecidedCall[],
  rendered?: ReadonlyMap<string, Newest>,
): Promise<{ dials: Release[]; ends: Ends }> {
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
async function newestOf(
  ports: NewestPorts,
  what: BulkVerb,
  calls: readonly DecidedCall[],
): Promise<ReadonlyMap<string, Newest>> {
  return "render" in what && calls.length > 0 ? await renderNewest(ports, calls) : new Map();
}

/** Calls that will ring by a decision. A release by the current rule gives a call that rule's mode. */
function rungBy(what: BulkVerb, calls: readonly DecidedCall[]): readonly MadeCall[] {
  if (!rings(what)) return [];
  return "render" in what ? calls.map((call) => ({ ...call, mode: call.maker?.ruleMode ?? call.mode })) : calls;
}

/** Key of a rule in `versions`. */
function ruleName({ source, rule }: DecidedCall): string {
  return `${source}/${rule}`;
}

function rings(what: BulkVerb): boolean {
  return what.verb === "release" || (what.verb === "resolve" && !what.rang && what.then === "dial");
}

async function linesOf(ports: NewestPorts, calls: readonly DecidedCall[]) {
  const slugs = [...new Set(calls.flatMap(({ line }) => line ?? []))];
  return new Map(await Promise.all(slugs.map(async (slug) => [slug, await ports.decisions.line(slug)] as const)));
}

function tally(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
