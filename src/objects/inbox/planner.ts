/**
 * Plans what an inbox has committed. Planning is no part of accepting: it may fail, and is then done again from Postgres, so whoever
 * asks for it does not have to wait.
 */

import type { Line } from "../../domain/calls/line.ts";
import type { NewEvent, StoredEvent } from "../../domain/events/event.ts";
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
import type { LineObjects, LinePoke } from "../../ports/calling/line.ts";
import type { Committed, EventStore, Foresight, SourceStore } from "../../ports/ingest/inbox.ts";
import type { Records } from "../../ports/planning/records.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { fetcher } from "./fetcher.ts";

export type PlannerDeps = {
  clock: Clock;
  events: EventStore;
  sources: SourceStore;
  lines: LineObjects;
  records: Records;
  log: Log;
};

/** What the planner needs of the object that it works for. */
export type PlannerHost = {
  reload(slug: string): Promise<SourceCopy | null>;
  waitUntil(work: Promise<unknown>): void;
  /** Something was not planned and has to be, soon. */
  again(): void;
  /** Something is due in so many milliseconds. */
  wakeIn(ms: number): void;
};

export type Planner = {
  /** Events that no rule wants need no plan: their end is written with them. */
  foresee(slug: string, events: readonly NewEvent[]): Foresight;
  /** Plans those of the events that a commit has made and whose end was not foreseen. Never rejects. */
  afterCommit(slug: string, events: readonly NewEvent[], committed: Committed, foresight: Foresight): Promise<void>;
  /** Waits until all that was given before is planned. Throws when it was not. */
  settled(): Promise<void>;
  /**
   * Plans what was left in Postgres without a plan.
   *
   * @returns whether nothing is left
   */
  left(slug: string, untilMs: number): Promise<boolean>;
  /**
   * Fetches for what is due of the events that wait for that, and plans them.
   *
   * @returns in how many milliseconds more is due; `null`: nothing waits
   */
  fetch(slug: string, untilMs: number): Promise<number | null>;
  /** Whether something waits for what is fetched for it, as far as is known. */
  mayFetch(): boolean;
  /** The source or its rules changed. */
  forget(): void;
};

/** What an event weighs at least, so that a commit holds no more of them than it should. */
const eventBytesMin = commitBytesMax / eventsPerCommitMax;

type View = PlanView & { readonly linesVersion: string };

export function planner(deps: PlannerDeps, host: PlannerHost): Planner {
  let view: View | null = null;
  /** What the last commit saw; `null`: nothing is known, look again. */
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
    if (one !== undefined) {
      const planned = await planView(one.source);
      // They are found again when it goes on.
      if (planned.source.paused !== true) await planOrFetch(planned, events);
    }
    return batches.map(() => undefined);
  };

  /** Events that need something fetched wait for it, in nobody's way. */
  const planOrFetch = async (planned: PlanView, events: readonly StoredEvent[]): Promise<void> => {
    const waiting = new Set(events.filter((event) => neededFor(planned, event).length > 0).map(({ id }) => id));
    if (waiting.size > 0) {
      await deps.events.awaitFetch([...waiting]);
      fetching.begin(planned.source.slug);
    }
    const ready = events.filter(({ id }) => !waiting.has(id));
    if (ready.length > 0) poke(await planEvents(deps, planned, ready));
  };

  /** A line is told at once; one that does not hear is found by the sweep. */
  const poke = (pokes: readonly LinePoke[]): void => {
    for (const line of new Set(pokes))
      host.waitUntil(deps.lines.poke(line).catch((error) => deps.log.warn("line not poked", { line, error })));
  };

  /** What a sender does wrong, or somebody tries, is never silent. */
  const warn = (slug: string, { acceptances }: Committed): void => {
    const conflicts = acceptances.filter(({ conflict }) => conflict);
    const replays = acceptances.filter(({ replayed }) => replayed);
    const named = (found: typeof conflicts) => ({ source: slug, count: found.length, event: found[0]?.id });
    if (conflicts.length > 0) deps.log.warn("an event's id came with other bytes", named(conflicts));
    if (replays.length > 0) deps.log.warn("an event's bytes came before under another id", named(replays));
  };

  /** The source and the lines, compiled; loaded anew when a commit saw other versions of them. */
  const planView = async (slug: string): Promise<PlanView> => {
    if (view !== null && versions?.source === view.source.version && versions.lines === view.linesVersion) return view;
    const before = view;
    const [source, { lines, version }] = await Promise.all([host.reload(slug), deps.sources.lines()]);
    if (source === null) throw new Error(`source ${slug} is gone`);
    const bySlug = new Map<string, Line>(lines.map((line) => [line.slug, line]));
    const rules = before?.source.version === source.version ? before.rules : compileRules(source.rules, source.fetch);
    view = { source, rules, lines: bySlug, linesVersion: version };
    versions = { source: source.version, lines: version };
    return view;
  };

  const fetching = fetcher(deps, { ...host, view: planView, poke });

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
          return acceptance?.duplicate === false && !acceptance.replayed && !(holds && foresight.ends.has(id));
        })
        .map((event) => stored(event, committed.receivedAt));
      if (fresh.length === 0) return;
      try {
        await groups.add(fresh, weightOf(fresh));
      } catch (error) {
        deps.log.error("events not planned yet", { source: slug, events: fresh.length, error });
        host.again();
      }
    },

    settled: () => groups.add([], 0),

    async left(slug, untilMs) {
      while (deps.clock.now() < untilMs) {
        const left = await deps.events.unplanned(slug, plansPerStatementMax);
        if (left.length === 0) return true;
        versions = null;
        await planOrFetch(await planView(slug), left);
      }
      return false;
    },

    forget() {
      versions = null;
      view = null;
    },
  };
}

/** What events weigh in memory while they wait. */
export function weightOf(events: readonly { readonly body: string }[]): number {
  // A text may take two bytes a character.
  return events.reduce((sum, { body }) => sum + Math.max(2 * body.length, eventBytesMin), 0);
}

/** @param committedAt when Postgres got it; what waited in a spill knows better */
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
