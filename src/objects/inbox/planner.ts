/**
 * Plans the events that an inbox has committed. Planning is not part of accepting: after a failure it is repeated from
 * Postgres, so no sender waits for it.
 */
import type { VersionedLine } from "../../domain/calls/line.ts";
import type { Acceptance, NewEvent, StoredEvent } from "../../domain/events/event.ts";
import {
  commitBytesMax,
  eventsPerCommitMax,
  eventsWaitingMax,
  plansPerStatementMax,
  waitingBytesMax,
} from "../../domain/limits.ts";
import { apiSource } from "../../domain/plan/direct-call.ts";
import { compileRules } from "../../domain/rules/source-rules.ts";
import { neededFor } from "../../flows/planning/fetch.ts";
import { foreseeEnds, type PlanView, planEvents } from "../../flows/planning/plan.ts";
import { type Group, groupCommit } from "../../platform/group-commit.ts";
import type { Log } from "../../platform/log.ts";
import type { LineObjects } from "../../ports/calling/line-objects.ts";
import type { Committed, EventStore, Foresight } from "../../ports/ingest/events.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { PlannedLine, PlanStore } from "../../ports/planning/plans.ts";
import type { FetchQueue, Records } from "../../ports/planning/records.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { fetcher } from "./fetcher.ts";

type PlannerDeps = {
  clock: Clock;
  events: Pick<EventStore, "isAway"> & PlanStore & FetchQueue;
  sources: SourceStore;
  lines: LineObjects;
  records: Records;
  log: Log;
};

/** The part of the inbox that the planner uses. */
type PlannerHost = {
  reload(slug: string): Promise<SourceCopy | null>;
  waitUntil(work: Promise<unknown>): void;
  /** Planning failed: the alarm repeats it soon. */
  planLater(): void;
  /** A fetch is due in this many milliseconds. */
  wakeIn(ms: number): void;
};

export type Planner = {
  /** Foresees the ends of events that no rule wants. They need no plan: their end is written with them. */
  foresee(slug: string, events: readonly NewEvent[]): Foresight;
  /** Plans the new events of a commit without a foreseen end. Never rejects. */
  afterCommit(slug: string, events: readonly NewEvent[], committed: Committed, foresight: Foresight): Promise<void>;
  /** Resolves once all earlier events are planned. Rejects if that failed. */
  settled(): Promise<void>;
  /**
   * Plans events that are in Postgres without a plan.
   *
   * @returns Whether none is left.
   */
  planLeft(slug: string, untilMs: number): Promise<boolean>;
  /**
   * Fetches the records of due events, and plans the events.
   *
   * @returns Milliseconds until the next event is due; null if no event waits.
   */
  fetch(slug: string, untilMs: number): Promise<number | null>;
  /** Whether an event may wait for a fetch, as far as this object knows. */
  mayFetch(): boolean;
  /** The source or its rules changed. */
  forget(): void;
};

/** Consecutive views while the source keeps changing. After that the alarm plans the events. */
const viewsMax = 5;

/** Smallest weight of an event, so that a commit holds at most {@link eventsPerCommitMax}. */
export const eventBytesMin = commitBytesMax / eventsPerCommitMax;

type View = PlanView & { readonly linesVersion: string };

export function planner(given: PlannerDeps, host: PlannerHost): Planner {
  /** A plan by an outdated view must be followed by one with a new view. */
  const plan: PlanStore["plan"] = async (plans, by) => {
    const planned = await given.events.plan(plans, by);
    if (planned === "source_changed") versions = null;
    return planned;
  };
  const deps: PlannerDeps = { ...given, events: { ...given.events, plan } };
  let view: View | null = null;
  /** Versions that the last commit saw. Null if unknown, so that the view is loaded again. */
  let versions: { readonly source: number; readonly lines: string } | null = null;
  const groups: Group<StoredEvent[], undefined> = groupCommit((batches) => planBatches(batches), {
    weightMax: commitBytesMax,
    itemsMax: eventsPerCommitMax,
    waitingMax: eventsWaitingMax,
    waitingWeightMax: waitingBytesMax,
    lingerMs: 0,
  });

  const planBatches = async (batches: readonly StoredEvent[][]): Promise<undefined[]> => {
    const events = batches.flat();
    const [one] = events;
    if (one !== undefined) await planAll(one.source, events);
    return batches.map(() => undefined);
  };

  /**
   * Plans events by a view of the source. If the source or a line has changed since the view was loaded, Postgres plans
   * none of them, and they are planned again by a new view.
   */
  const planAll = async (slug: string, events: readonly StoredEvent[]): Promise<void> => {
    let left = events;
    for (let view = 0; view < viewsMax; view++) {
      const planned = await planView(slug);
      // After the source resumes, its unplanned events are found again.
      if (planned.source.paused === true) return;
      left = await planOrFetch(planned, left);
      if (left.length === 0) return;
    }
    throw new Error(`the source changed ${viewsMax} times while its events were planned`);
  };

  /** Defers events that need a fetch, and plans the others at once. @returns Events that need a new view. */
  const planOrFetch = async (planned: PlanView, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> => {
    const waiting = new Set(events.filter((event) => neededFor(planned, event).length > 0).map(({ id }) => id));
    if (waiting.size > 0) {
      await deps.events.awaitFetch([...waiting]);
      fetching.begin(planned.source.slug);
    }
    const ready = events.filter(({ id }) => !waiting.has(id));
    if (ready.length === 0) return [];
    const { lines, left } = await planEvents(deps, planned, ready);
    wake(lines);
    return left;
  };

  /** Wakes lines at once. If a line is unreachable, the sweep wakes it. No call begins long after its claim. */
  const wake = (planned: readonly PlannedLine[]): void => {
    const withdrawn = new Set(planned.flatMap((one) => (one.withdrawn ? [one.line] : [])));
    for (const line of new Set(planned.map((one) => one.line))) {
      const woken = withdrawn.has(line) ? deps.lines.recheck(line) : deps.lines.poke(line);
      host.waitUntil(woken.catch((error) => deps.log.warn("line not woken", { line, error })));
    }
  };

  /** Conflicts are always logged: they are a sender's mistakes, or attacks. */
  const warn = (slug: string, { acceptances }: Committed): void => {
    const conflicts = acceptances.filter(({ conflict }) => conflict);
    const replays = acceptances.filter(({ replayed }) => replayed);
    const named = (found: typeof conflicts) => ({ source: slug, count: found.length, event: found[0]?.id });
    if (conflicts.length > 0) deps.log.warn("an event's id came with other bytes", named(conflicts));
    if (replays.length > 0) deps.log.warn("an event's bytes came before under another id", named(replays));
  };

  /** The compiled source and lines, loaded again after a commit saw other versions. */
  const planView = async (slug: string): Promise<PlanView> => {
    if (view !== null && versions?.source === view.source.version && versions.lines === view.linesVersion) return view;
    const before = view;
    const [source, { lines, version }] = await Promise.all([host.reload(slug), deps.sources.lines()]);
    if (source === null) throw new Error(`source ${slug} is gone`);
    const bySlug = new Map<string, VersionedLine>(lines.map((line) => [line.slug, line]));
    const rules = before?.source.version === source.version ? before.rules : compileRules(source.rules, source.fetch);
    view = { source, rules, lines: bySlug, linesVersion: version };
    versions = { source: source.version, lines: version };
    return view;
  };

  /** A claim of fetches names the source's version, because an older view could have the wrong address. */
  const viewOf = async (slug: string, version?: number): Promise<PlanView> => {
    if (version !== undefined && view !== null && view.source.version < version) versions = null;
    return await planView(slug);
  };

  const fetching = fetcher(deps, { ...host, view: viewOf, wake });

  return {
    fetch: (slug, untilMs) => fetching.run(slug, untilMs),
    mayFetch: () => fetching.mayWait(),

    foresee(slug, events) {
      if (view === null || slug === apiSource || view.source.paused === true)
        return { sourceVersion: 0, ends: new Map() };
      return { sourceVersion: view.source.version, ends: foreseeEnds(view, events) };
    },

    async afterCommit(slug, events, committed, foresight) {
      versions = { source: committed.sourceVersion, lines: committed.linesVersion };
      warn(slug, committed);
      const holds = committed.sourceVersion === foresight.sourceVersion;
      const fresh = events
        .filter(({ id }, index) => {
          const acceptance = committed.acceptances[index];
          return isToPlan(acceptance) && !(holds && foresight.ends.has(id));
        })
        .map((event) => stored(event, committed.receivedAt));
      if (fresh.length === 0) return;
      try {
        await groups.add(fresh, weightOf(fresh));
      } catch (error) {
        deps.log.error("events not planned yet", { source: slug, events: fresh.length, error });
        host.planLater();
      }
    },

    settled: () => groups.add([], 0),

    async planLeft(slug, untilMs) {
      while (deps.clock.now() < untilMs) {
        const left = await deps.events.unplanned(slug, plansPerStatementMax);
        if (left.length === 0) return true;
        versions = null;
        await planAll(slug, left);
      }
      return false;
    },

    forget() {
      versions = null;
      view = null;
    },
  };
}

/**
 * A redelivery was planned before. A conflict, a replay and an event that should not have been acknowledged already
 * have their end.
 */
function isToPlan(acceptance: Acceptance | undefined): boolean {
  if (acceptance === undefined || acceptance.leftOut === true || acceptance.unfit !== undefined) return false;
  return !acceptance.duplicate && !acceptance.conflict && acceptance.replayed !== true;
}

/** Weight of events in memory while they wait, in bytes. */
export function weightOf(events: readonly { readonly body: string }[]): number {
  // A string may take two bytes per character.
  return events.reduce((sum, { body }) => sum + Math.max(2 * body.length, eventBytesMin), 0);
}

/** @param committedAt Time at which Postgres stored the event. A spilled event has its own time of receipt. */
function stored(event: NewEvent & { readonly receivedAt?: number }, committedAt: number): StoredEvent {
  return {
    id: event.id,
    source: event.source,
    externalId: event.externalId,
    type: event.type,
    occurredAt: event.occurredAt,
    receivedAt: event.receivedAt ?? committedAt,
    record: event.record,
    bodyOnce: event.bodyKey !== undefined,
    body: event.body,
  };
}
