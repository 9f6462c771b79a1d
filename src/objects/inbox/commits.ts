/**
 * Group commit of an inbox: requests that wait while one commit is under way go into the next. Requests that Postgres neither takes
 * nor refuses go to the spill, on the object's own disk. While any event waits there, every later one goes behind it, so no request
 * waits for a Postgres that is known to be down.
 *
 * Prepared requests are joined without a look into them, and inserted if they are new. What is left takes the whole statement, which
 * looks at each event.
 */
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import { newEvent, type PreparedEvents, restoreEvents } from "../../domain/events/prepared.ts";
import {
  commitBytesMax,
  eventsPerCommitMax,
  eventsWaitingMax,
  retryAfterSeconds,
  waitingBytesMax,
} from "../../domain/limits.ts";
import { splitOnRefusal } from "../../flows/split-on-refusal.ts";
import { type Group, groupCommit } from "../../platform/group-commit.ts";
import type { Log } from "../../platform/log.ts";
import type { EventStore } from "../../ports/ingest/events.ts";
import type { AcceptAnswer } from "../../ports/ingest/inboxes.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { InboxHost } from "./host.ts";
import { eventBytesMin, type Planner, weightOf } from "./planner.ts";
import type { Spill } from "./spill.ts";
import type { InboxUpkeep } from "./upkeep.ts";

/** The events of one request: prepared, or as they are. */
export type CommitRequest = PreparedEvents | readonly NewEvent[];

/** The end of one request's events: durable in Postgres or on the object's disk, or why not. */
export type CommitResult =
  /** All of a prepared request, and none was there before. */
  | { readonly kind: "all_new" }
  | { readonly kind: "committed" | "spilled"; readonly acceptances: Acceptance[] }
  /** `left_out`: the request was verified by an older copy of the source, and does not hold any more. */
  | { readonly kind: "refused" | "full" | "left_out" };

type CommitDeps = {
  readonly clock: Clock;
  readonly events: EventStore;
  readonly log: Log;
  /** Resolves once everything written so far is durable. */
  readonly disk: { sync(): Promise<void> };
  readonly spill: Spill;
  readonly planner: Pick<Planner, "foresee" | "afterCommit">;
  readonly upkeep: Pick<InboxUpkeep, "spilled">;
};

/** An event that was not inserted, and its place. */
type Left = { readonly request: number; readonly index: number; readonly event: NewEvent };

export function inboxCommits(deps: CommitDeps, host: InboxHost): Group<CommitRequest, CommitResult> {
  const { clock, events: store, log, disk, spill, planner, upkeep } = deps;

  async function commit(requests: readonly CommitRequest[]): Promise<CommitResult[]> {
    if (spill.waiting() > 0) return await spillAll(requests);
    try {
      return await splitOnRefusal<CommitRequest, CommitResult>(
        requests,
        commitTogether,
        (error) => store.refuses(error),
        (_, error) => {
          log.error("Postgres refuses a request's events", { source: host.name.slug(), error });
          return [{ kind: "refused" }];
        },
      );
    } catch (error) {
      host.logFailure("Postgres does not take events", error, { requests: requests.length });
      return await spillAll(requests);
    }
  }

  async function commitTogether(requests: readonly CommitRequest[]): Promise<CommitResult[]> {
    const slug = host.name.slug() ?? "";
    const left = await insertNew(slug, requests);
    const results = requests.map((request): CommitResult => (isPrepared(request) ? { kind: "all_new" } : full));
    if (left.length === 0) return results;
    const found = await commitLeft(slug, requests, left);
    for (const [at, acceptances] of found) {
      // The events of a request have one secret and one version in common.
      results[at] = acceptances.some(({ leftOut }) => leftOut)
        ? { kind: "left_out" }
        : { kind: "committed", acceptances };
    }
    return results;
  }

  /** Inserts what is new of the prepared requests of one version: of the newest, which is the source's as a rule. */
  async function insertNew(slug: string, requests: readonly CommitRequest[]): Promise<Left[]> {
    const newest = Math.max(...requests.map((one) => (isPrepared(one) ? one.verified.sourceVersion : 0)));
    const [chosen, left]: [{ at: number; prepared: PreparedEvents }[], Left[]] = [[], []];
    for (const [at, request] of requests.entries()) {
      if (isPrepared(request) && request.verified.sourceVersion === newest) chosen.push({ at, prepared: request });
      else left.push(...restored(slug, request).map((event, index) => ({ request: at, index, event })));
    }
    if (chosen.length === 0) return left;
    const { left: notInserted, ...versions } = await store.insert(
      slug,
      chosen.map(({ prepared }) => prepared),
    );
    const fresh: NewEvent[] = [];
    for (const [nth, { at, prepared }] of chosen.entries()) {
      const own = new Set(notInserted.flatMap(({ request, index }) => (request === nth ? [index] : [])));
      if (own.size === 0 && prepared.toPlan.length === 0) continue;
      const events = restored(slug, prepared);
      for (const [index, event] of events.entries()) if (own.has(index)) left.push({ request: at, index, event });
      for (const index of prepared.toPlan)
        if (!own.has(index) && events[index] !== undefined) fresh.push(events[index]);
    }
    const acceptances = fresh.map(({ id }) => newEvent(id));
    void planner.afterCommit(slug, fresh, { acceptances, ...versions }, { sourceVersion: null, ends: new Map() });
    return left;
  }

  /** Commits what was not inserted, whatever it is. @returns the acceptances of each request of which anything is left */
  async function commitLeft(
    slug: string,
    requests: readonly CommitRequest[],
    left: readonly Left[],
  ): Promise<Map<number, Acceptance[]>> {
    const events = left.map(({ event }) => event);
    const foresight = planner.foresee(slug, events);
    const count = requests.reduce((sum, request) => sum + idsOf(request).length, 0);
    const committed = await store.accept(slug, events, foresight).catch((error: unknown) => {
      // Split and tried again, what was inserted would be called a duplicate. The spill calls nothing so.
      if (left.length < count && store.refuses(error))
        throw new Error("Postgres refuses the rest of a batch", { cause: error });
      throw error;
    });
    void planner.afterCommit(slug, events, committed, foresight);
    const found = new Map<number, Acceptance[]>();
    for (const [nth, { request, index }] of left.entries()) {
      const own = found.get(request) ?? idsOf(requests[request] ?? []).map(newEvent);
      found.set(request, own);
      const acceptance = committed.acceptances[nth];
      if (acceptance !== undefined) own[index] = acceptance;
    }
    return found;
  }

  /** One write to the disk for all: requests that arrive during it go into the next, as with Postgres. */
  async function spillAll(requests: readonly CommitRequest[]): Promise<CommitResult[]> {
    const isFirst = spill.waiting() === 0;
    try {
      host.name.store();
      const slug = host.name.slug() ?? "";
      const stored = spill.append(
        requests.map((request) => restored(slug, request)),
        clock.now(),
      );
      upkeep.spilled(isFirst);
      await disk.sync();
      return stored.map((acceptances) => (acceptances === null ? full : { kind: "spilled", acceptances }));
    } catch (error) {
      log.error("events not spilled", { source: host.name.slug(), requests: requests.length, error });
      return requests.map(() => full);
    }
  }

  return groupCommit(commit, {
    weightMax: commitBytesMax,
    itemsMax: eventsPerCommitMax,
    waitingMax: eventsWaitingMax,
    waitingWeightMax: waitingBytesMax,
    lingerMs: 0,
  });
}

const full: CommitResult = { kind: "full" };

function isPrepared(request: CommitRequest): request is PreparedEvents {
  return "columns" in request;
}

function restored(slug: string, request: CommitRequest): readonly NewEvent[] {
  return isPrepared(request) ? restoreEvents(slug, request) : request;
}

function idsOf(request: CommitRequest): readonly string[] {
  return isPrepared(request) ? request.ids : request.map(({ id }) => id);
}

/** Weight of a request in memory while it waits, in bytes. */
export function weightOfRequest(request: CommitRequest): number {
  if (!isPrepared(request)) return weightOf(request);
  const characters = request.columns.reduce((sum, { length }) => sum + length, 0);
  return Math.max(2 * characters, request.ids.length * eventBytesMin);
}

/** The answer to a request's end. */
export function acceptAnswerOf(result: CommitResult, request: CommitRequest): AcceptAnswer {
  switch (result.kind) {
    case "refused":
      return { ok: false, reason: "refused" };
    case "left_out":
      return { ok: false, reason: "away", retryAfterSeconds, leftOut: true };
    case "full":
      return { ok: false, reason: "away", retryAfterSeconds };
    case "spilled":
      return { ok: true, acceptances: result.acceptances, spilled: true };
    case "committed":
      return { ok: true, acceptances: result.acceptances };
    case "all_new":
      return { ok: true, acceptances: idsOf(request).map(newEvent) };
  }
}
