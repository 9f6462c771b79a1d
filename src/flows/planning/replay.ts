/**
 * Replays stored events by current rules: events that made no call, or whose call did not ring. A dry run takes the
 * same path, and its statement is rolled back.
 */

import type { ReplayCall } from "../../domain/plan/replay-plan.ts";
import type { Cursor } from "../../ports/page.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import type { ReplayEnd, ReplayEvent, ReplayedEvent, ReplayStore } from "../../ports/planning/replays.ts";
import { splitOnRefusal } from "../split-on-refusal.ts";
import { prepareReplay, type ReplayAsked, type ReplayPorts } from "./prepare-replay.ts";

/** Calls that a replay's plan shows. */
const replaySamplesMax = 10;

/** A call that was made, or would be. */
export type ReplaySample = { readonly event: ReplayEvent; readonly call: ReplayCall; readonly end: ReplayEnd };

type Replayed = {
  /** Events that were replayed or passed over. */
  readonly events: number;
  /** Calls that were made, or would be. `held` of them wait for a person. */
  readonly calls: number;
  readonly held: number;
  readonly alreadyCalled: number;
  /** Events with a waiting call. */
  readonly owed: number;
  readonly tooOld: number;
  /** Other reasons for no call, with their counts. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly samples: readonly ReplaySample[];
  /** Lines with calls to dial now. */
  readonly lines: readonly string[];
  /** Cursor of the next request; null at the end. */
  readonly next: Cursor | null;
};

/** Views per request while a source keeps changing. After that, the remaining events count as overtaken. */
export const viewsMax = 3;

/**
 * Replays a part of the events, the oldest first. If a source changed after its rules were read, nothing was written,
 * and the events are planned again.
 */
export async function replay(ports: ReplayPorts, asked: ReplayAsked, act: PersonAct): Promise<Replayed> {
  for (let view = 1; ; view++) {
    const replayed = await replayByView(ports, asked, act, view === viewsMax);
    if (replayed !== "source_changed") return replayed;
  }
}

async function replayByView(
  ports: ReplayPorts,
  asked: ReplayAsked,
  act: PersonAct,
  isLast: boolean,
): Promise<Replayed | "source_changed"> {
  const { events, wanted, passed: before, missing, next } = await prepareReplay(ports, asked);
  const { ends, changed } = await makeReplay(ports.replays, wanted, asked, act);
  if (changed && !isLast) return "source_changed";
  const passed = [...Array.from({ length: missing }, () => "not_found"), ...before.map(({ reason }) => reason)];
  const made = ends.filter((end) => end.callId !== null);
  passed.push(...ends.flatMap((end) => (end.callId === null ? [end.reason] : [])));
  const calls = wanted.reduce((sum, one) => sum + one.calls.length, 0);
  passed.push(...Array.from({ length: calls - ends.length }, () => "moved"));
  return {
    events: events.length,
    calls: made.length,
    held: made.filter(({ status }) => status === "held").length,
    ...counted(passed),
    samples: samplesOf(events, wanted, ends),
    lines: linesToDial(ends),
    next,
  };
}

/** Lines with new calls that wait to be dialled. */
export function linesToDial(ends: readonly ReplayEnd[]): string[] {
  const calls = ends.flatMap((end) => (end.callId === null ? [] : [end]));
  return [...new Set(calls.flatMap(({ status, line }) => (status === "queued" && line !== null ? [line] : [])))];
}

/** Writes plans together. An event that Postgres rejects does not block the others. */
export async function makeReplay(
  replays: Pick<ReplayStore, "make" | "refuses">,
  wanted: readonly ReplayedEvent[],
  { dryRun, ignoresExpiry }: Pick<ReplayAsked, "dryRun" | "ignoresExpiry">,
  act: PersonAct,
): Promise<{ readonly ends: ReplayEnd[]; readonly changed: boolean }> {
  if (wanted.length === 0) return { ends: [], changed: false };
  let changed = false;
  const ends = await splitOnRefusal<ReplayedEvent, ReplayEnd>(
    wanted,
    async (some) => {
      const made = await replays.make(some, { ...act, ignoresExpiry: ignoresExpiry === true }, dryRun);
      if (made !== "source_changed") return made;
      changed = true;
      return [];
    },
    replays.refuses,
    ({ id, calls }) =>
      calls.map(({ draft }) => ({ eventId: id, rule: draft.rule, callId: null, reason: "plan_failed" })),
  );
  return { ends, changed };
}

function counted(passed: readonly string[]) {
  const counts: Record<string, number> = {};
  for (const reason of passed) counts[reason] = (counts[reason] ?? 0) + 1;
  const { already_called: alreadyCalled = 0, owed = 0, too_old: tooOld = 0, ...skipped } = counts;
  return { alreadyCalled, owed, tooOld, skipped };
}

function samplesOf(
  events: readonly ReplayEvent[],
  wanted: readonly ReplayedEvent[],
  ends: readonly ReplayEnd[],
): ReplaySample[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const calls = new Map(
    wanted.flatMap(({ id, calls: own }) => own.map((call) => [`${id} ${call.draft.rule}`, call] as const)),
  );
  return ends
    .filter(({ callId }) => callId !== null)
    .slice(0, replaySamplesMax)
    .flatMap((end) => {
      const event = byId.get(end.eventId);
      const call = calls.get(`${end.eventId} ${end.rule}`);
      return event === undefined || call === undefined ? [] : [{ event, call, end }];
    });
}
