/**
 * Group commit of an inbox: requests that wait while one commit is under way go into the next. Requests that Postgres neither takes
 * nor refuses go to the spill, on the object's own disk. While any event waits there, every later one goes behind it, so no request
 * waits for a Postgres that is known to be down.
 */
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import { commitBytesMax, eventsPerCommitMax, eventsWaitingMax, waitingBytesMax } from "../../domain/limits.ts";
import { splitOnRefusal } from "../../flows/split-on-refusal.ts";
import { type Group, groupCommit } from "../../platform/group-commit.ts";
import type { Log } from "../../platform/log.ts";
import type { EventStore } from "../../ports/ingest/events.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { InboxHost } from "./host.ts";
import type { Planner } from "./planner.ts";
import type { Spill } from "./spill.ts";
import type { InboxUpkeep } from "./upkeep.ts";

/** The end of one request's events: durable in Postgres or on the object's disk, or why not. */
export type CommitResult =
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

export function inboxCommits(deps: CommitDeps, host: InboxHost): Group<NewEvent[], CommitResult> {
  const { clock, events: store, log, disk, spill, planner, upkeep } = deps;

  async function commit(requests: readonly NewEvent[][]): Promise<CommitResult[]> {
    if (spill.waiting() > 0) return await spillAll(requests);
    try {
      return await splitOnRefusal<NewEvent[], CommitResult>(
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

  async function commitTogether(requests: readonly NewEvent[][]): Promise<CommitResult[]> {
    const slug = host.name.slug() ?? "";
    const events = requests.flat();
    const foresight = planner.foresee(slug, events);
    const committed = await store.accept(slug, events, foresight);
    void planner.afterCommit(slug, events, committed, foresight);
    let from = 0;
    return requests.map(({ length }) => {
      const acceptances = committed.acceptances.slice(from, from + length);
      from += length;
      // The events of a request have one secret and one version in common.
      if (acceptances.some(({ leftOut }) => leftOut)) return { kind: "left_out" };
      return { kind: "committed", acceptances };
    });
  }

  /** One write to the disk for all: requests that arrive during it go into the next, as with Postgres. */
  async function spillAll(requests: readonly NewEvent[][]): Promise<CommitResult[]> {
    const isFirst = spill.waiting() === 0;
    try {
      host.name.store();
      const stored = spill.append(requests, clock.now());
      upkeep.spilled(isFirst);
      await disk.sync();
      return stored.map((acceptances) => (acceptances === null ? { kind: "full" } : { kind: "spilled", acceptances }));
    } catch (error) {
      log.error("events not spilled", { source: host.name.slug(), requests: requests.length, error });
      return requests.map(() => ({ kind: "full" }));
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
