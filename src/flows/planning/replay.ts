/**
 * Replays stored events by current rules: events that made no call, or whose call did not ring. A dry run takes the
 * same path, and its statement is rolled back.
 */

import { isObject, type JsonValue } from "../../domain/json.ts";
import { eventsPerReplayMax } from "../../domain/limits.ts";
import type { ReplayCall, ReplayWish } from "../../domain/plan/replay-plan.ts";
import { planReplay } from "../../domain/plan/replay-plan.ts";
import { compileRules } from "../../domain/rules/source-rules.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { Cursor } from "../../ports/page.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import type { Records } from "../../ports/planning/records.ts";
import type {
  ReplayEnd,
  ReplayEvent,
  ReplayedEvent,
  ReplaySelection,
  ReplayStore,
} from "../../ports/planning/replays.ts";
import type { Clock } from "../../ports/runtime.ts";
import { splitOnRefusal } from "../split-on-refusal.ts";
import { fetchOne, neededFor } from "./fetch.ts";
import { linesOf, type PlanView, planSafely } from "./plan.ts";

/**
 * Limits of one replay request: events with new fetches, each with up to three GETs, and the time for starting them.
 */
const replayFetchesMax = 20;
const replayFetchMs = 15_000;

/** Calls that a replay's plan shows. */
const replaySamplesMax = 10;

export type ReplayPorts = { clock: Clock; replays: ReplayStore; sources: SourceStore; records: Records };

/** Parameters of a replay. */
type ReplayAsked = ReplayWish & {
  readonly which: ReplaySelection;
  readonly after: Cursor | null;
  readonly dryRun: boolean;
};

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
const viewsMax = 3;

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
  const nowMs = ports.clock.now();
  const page = await ports.replays.page(asked.which, eventsPerReplayMax, asked.after);
  const views = await viewsOf(ports.sources, page.events);
  const passed: string[] = Array.from({ length: page.missing }, () => "not_found");
  const wanted: ReplayedEvent[] = [];
  const fetching = fetchingFor(ports, nowMs);
  const events: ReplayEvent[] = [];
  let { next } = page;
  for (const event of page.events) {
    const view = views.get(event.source);
    const unfit = unfitFor(event, view);
    if (unfit !== null || view === undefined) {
      events.push(event);
      passed.push(unfit ?? "no_rules");
      continue;
    }
    const whole = await fetching(view, event);
    if (whole === "enough") {
      // The next request begins with this event.
      next = events.at(-1)?.cursor ?? next;
      break;
    }
    events.push(event);
    const plan = planSafely(view, whole.event, nowMs, asked);
    const made = planReplay(plan, { rules: view.rules.rules, tries: event.tries, wish: asked });
    passed.push(...made.passed);
    if (made.calls.length > 0)
      wanted.push({
        id: event.id,
        source: {
          ...{ slug: view.source.slug, version: view.source.version },
          lines: linesOf(view.lines, [{ calls: made.calls.map(({ draft }) => draft) }]),
        },
        replays: event.replays,
        calls: made.calls,
        ...whole.fetched,
      });
  }
  const { ends, changed } = await make(ports, wanted, asked, act);
  if (changed && !isLast) return "source_changed";
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
    lines: [...new Set(made.flatMap(({ status, line }) => (status === "queued" && line !== null ? [line] : [])))],
    next,
  };
}

/** The reason why an event cannot be replayed under any rules. */
function unfitFor(event: ReplayEvent, view: PlanView | undefined): string | null {
  if (event.erased) return "erased";
  if (event.state === "unplanned") return "unplanned";
  // The event's bytes first arrived under another id. A person can replay the event with that id.
  if (event.reason === "replayed") return "replayed";
  // The first event of this id must be planned first. A number that it calls is not called again without a request.
  if (event.firstUnplanned) return "unplanned";
  if (event.paused) return "source_paused";
  return view === undefined ? "no_rules" : null;
}

/**
 * An event with its fetched records. `fetched`: the new ones. `"enough"`: the limit of this request's fetches is
 * reached.
 */
type Whole = { readonly event: ReplayEvent; readonly fetched: { readonly fetched?: JsonValue } } | "enough";

/** Fetches records that current rules need and the event lacks, up to the limit of one request. */
function fetchingFor({ clock, records }: ReplayPorts, beganMs: number) {
  const opened = new Map<PlanView, ReturnType<Records["open"]>>();
  let count = 0;
  return async function fetching(view: PlanView, event: ReplayEvent): Promise<Whole> {
    const names = neededFor(view, event);
    const known = event.fetched;
    if (names.every((name) => isObject(known) && Object.hasOwn(known, name))) return { event, fetched: {} };
    if (count > 0 && (count >= replayFetchesMax || clock.now() - beganMs > replayFetchMs)) return "enough";
    count++;
    const open = opened.get(view) ?? records.open(view.source);
    opened.set(view, open);
    const answer = await open;
    const end = answer.ok
      ? await fetchOne(answer.api, view, event, names, { sinceMs: event.receivedAt, nowMs: clock.now() })
      : { kind: "hold" as const };
    if (end.kind === "ready")
      return { event: { ...event, fetched: end.fetched, unfetched: end.unfetched }, fetched: { fetched: end.fetched } };
    // The next replay retries it.
    const lost = { reason: "fetch_failed" as const, status: null, problem: null, path: null, tries: 1 };
    return { event: { ...event, unfetched: names.map((fetch) => ({ fetch, ...lost })) }, fetched: {} };
  };
}

async function viewsOf(sources: SourceStore, events: readonly ReplayEvent[]): Promise<Map<string, PlanView>> {
  const slugs = [...new Set(events.map(({ source }) => source))];
  if (slugs.length === 0) return new Map();
  const { lines } = await sources.lines();
  const bySlug = new Map(lines.map((line) => [line.slug, line]));
  const views = new Map<string, PlanView>();
  for (const slug of slugs) {
    const source = await sources.copy(slug);
    if (source !== null) views.set(slug, { source, rules: compileRules(source.rules, source.fetch), lines: bySlug });
  }
  return views;
}

/** Writes plans together. An event that Postgres rejects does not block the others. */
async function make(
  { replays }: ReplayPorts,
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
