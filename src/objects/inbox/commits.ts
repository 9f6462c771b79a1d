/**
 * Group commit of an inbox: requests that wait while a commit is in flight share the next one. Requests that Postgres
 * neither stores nor rejects go to the spill, on the object's own disk. While any event waits there, every later one
 * goes behind it, so no request waits for a Postgres that is known to be down.
 *
 * Prepared requests are joined without parsing them, and inserted if they are new. The remaining ones go through the
 * full statement, which checks each event. So do all requests of a group if one of them was verified by another version
 * of the source, was not prepared, or repeats an id: two statements would not keep the order of arrival.
 */
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import { acceptedAsNew, type PreparedEvents, restoreEvents } from "../../domain/events/prepared.ts";
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
import type { Committed, EventStore } from "../../ports/ingest/events.ts";
import type { AcceptAnswer } from "../../ports/ingest/inboxes.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { InboxHost } from "./host.ts";
import { eventBytesMin, type Planner, weightOf } from "./planner.ts";
import type { Spill } from "./spill.ts";
import type { InboxUpkeep } from "./upkeep.ts";

/** The events of one request: prepared, or as they are. */
export type CommitRequest = PreparedEvents | readonly NewEvent[];

/** Result for the events of one request: durable in Postgres or on the object's disk, or why not. */
export type CommitResult =
  /** A prepared request of which every event is new. */
  | { readonly kind: "all_new" }
  | { readonly kind: "committed" | "spilled"; readonly acceptances: Acceptance[] }
  /** `left_out`: an older copy of the source verified the request, and the verification is no longer valid. */
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

/** An event and its place. `receivedAt`: when it was inserted. */
type Place = {
  readonly request: number;
  readonly index: number;
  readonly event: NewEvent & { readonly receivedAt?: number };
};

/** Result of the short statement. `fresh`: inserted events that have to be planned. */
type Inserting = {
  readonly fresh: readonly Place[];
  readonly left: readonly Place[];
  readonly versions: Omit<Committed, "acceptances">;
};

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
    const alike = alikeOf(requests);
    const inserted = alike === null ? null : await insertNew(slug, alike);
    if (inserted?.left.length === 0) {
      void planFresh(slug, inserted);
      return requests.map(() => ({ kind: "all_new" }));
    }
    return (await commitLeft(slug, requests, inserted)).map(resultOf);
  }

  /** Inserts new events. */
  async function insertNew(slug: string, requests: readonly PreparedEvents[]): Promise<Inserting> {
    const { left: notInserted, ...versions } = await store.insert(slug, requests);
    const { receivedAt } = versions;
    const places = new Map<number, Set<number>>();
    for (const { request, index } of notInserted)
      places.set(request, (places.get(request) ?? new Set<number>()).add(index));
    const [fresh, left]: [Place[], Place[]] = [[], []];
    for (const [request, prepared] of requests.entries()) {
      const own = places.get(request);
      if (own === undefined && prepared.toPlan.length === 0) continue;
      const events = restoreEvents(slug, prepared);
      const toPlan = new Set(prepared.toPlan);
      for (const [index, event] of events.entries()) {
        if (own?.has(index) === true) left.push({ request, index, event });
        else if (toPlan.has(index)) fresh.push({ request, index, event: { ...event, receivedAt } });
      }
    }
    return { fresh, left, versions };
  }

  /**
   * Commits the events that were not inserted, and plans the events of both statements in their order of arrival.
   *
   * @param inserted Result of the short statement; null if it was not sent.
   * @returns The acceptances of each request.
   */
  async function commitLeft(
    slug: string,
    requests: readonly CommitRequest[],
    inserted: Inserting | null,
  ): Promise<Acceptance[][]> {
    const left = inserted?.left ?? allOf(slug, requests);
    const events = left.map(({ event }) => event);
    const foresight = planner.foresee(slug, events);
    const committed = await store.accept(slug, events, foresight).catch((error: unknown) => {
      const count = requests.reduce((sum, request) => sum + idsOf(request).length, 0);
      if (inserted === null || left.length === count) throw error;
      void planFresh(slug, inserted);
      // A retry in halves would report the inserted events as duplicates. The spill does not.
      throw store.refuses(error) ? new Error("Postgres refuses the rest of a batch", { cause: error }) : error;
    });
    const found = requests.map((request) => idsOf(request).map(acceptedAsNew));
    for (const [nth, { request, index }] of left.entries()) {
      const acceptance = committed.acceptances[nth];
      const own = found[request];
      if (acceptance !== undefined && own !== undefined) own[index] = acceptance;
    }
    const all = [...(inserted?.fresh ?? []), ...left].sort((a, b) => a.request - b.request || a.index - b.index);
    const acceptances = all.flatMap(({ request, index }) => found[request]?.[index] ?? []);
    void planner.afterCommit(
      slug,
      all.map(({ event }) => event),
      { ...committed, acceptances },
      foresight,
    );
    return found;
  }

  async function planFresh(slug: string, { fresh, versions }: Inserting): Promise<void> {
    const events = fresh.map(({ event }) => event);
    const acceptances = events.map(({ id }) => acceptedAsNew(id));
    await planner.afterCommit(slug, events, { acceptances, ...versions }, { sourceVersion: null, ends: new Map() });
  }

  /** One write to disk serves all requests. Requests that arrive meanwhile share the next write, as with Postgres. */
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

/** The requests, if all are prepared, verified by one version of the source, and without a repeated id. */
function alikeOf(requests: readonly CommitRequest[]): PreparedEvents[] | null {
  const prepared = requests.filter(isPrepared);
  const version = prepared[0]?.verified.sourceVersion;
  const alike = prepared.every(({ verified }) => verified.sourceVersion === version);
  if (!alike || prepared.length < requests.length || prepared.length === 0) return null;
  const seen = new Set<string>();
  for (const { ids } of prepared) for (const id of ids) seen.add(id);
  return seen.size === prepared.reduce((sum, { ids }) => sum + ids.length, 0) ? prepared : null;
}

function allOf(slug: string, requests: readonly CommitRequest[]): Place[] {
  return requests.flatMap((one, request) => restored(slug, one).map((event, index) => ({ request, index, event })));
}

/**
 * Events of a request share one secret and one version. If some were inserted before the source changed, the request is
 * retried.
 */
function resultOf(acceptances: Acceptance[]): CommitResult {
  const left = acceptances.filter(({ leftOut }) => leftOut).length;
  if (left === 0) return { kind: "committed", acceptances };
  return left === acceptances.length ? { kind: "left_out" } : full;
}

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
      return { ok: true, acceptances: idsOf(request).map(acceptedAsNew) };
  }
}
