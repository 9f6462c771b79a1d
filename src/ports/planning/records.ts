/** What thin payloads need: the sender's API, and the events that wait for it. Types only. */

import type { StoredEvent } from "../../domain/events/event.ts";
import type { FetchAnswer, FetchProblem } from "../../domain/fetch/fetch.ts";
import type { FailedAnswer } from "../../domain/fetch/trouble.ts";
import type { MappingContext } from "../../domain/rules/context.ts";
import type { SourceCopy } from "../source-copy.ts";

/** One source's API, its credential opened. */
export type RecordApi = {
  /** The names in an order in which each comes after what its path is made of. */
  inOrder(names: readonly string[]): string[];
  /**
   * One GET, or the answer to one that is recent enough. Never rejects for what the sender does.
   *
   * @param sinceMs an answer that was asked for before may not know of the event
   */
  get(name: string, context: MappingContext, sinceMs: number): Promise<FetchAnswer>;
};

export type Records = {
  open(
    source: SourceCopy,
  ): Promise<
    | { readonly ok: true; readonly api: RecordApi }
    | { readonly ok: false; readonly problem: "credential_missing" | "credential_unreadable" }
  >;
};

/**
 * An event that waits for what it has fetched. `fetchTries`: how often that failed. `sourceVersion`: of its source at the claim, so that
 * nothing is asked by an `api` that was changed before.
 */
export type WaitingEvent = StoredEvent & { fetchTries: number; sourceVersion?: number };

/** The state of a source's API after a round of fetches. */
export type FetchReport = {
  /** GETs that failed, and the last answer of them; `null`: nothing was asked. */
  readonly failures: number;
  readonly answer: FailedAnswer | null;
  /** Records that the API does not know, in a round in which it gave none. A run of them is a problem of the source. */
  readonly missing?: number;
  /** Version of the source that was asked by. A source that has changed since is not judged by the round. */
  readonly sourceVersion: number;
};

/** A person has what waits tried at once. `waiting`: events that are due now, up to a bound; `null`: there is no such source. */
export type FetchNow = { readonly waiting: number; readonly paused: boolean } | null;

/** An event that is asked for again. `why`: what failed; absent where this was no try of its own. */
export type Postponed = {
  readonly id: string;
  readonly afterMs: number;
  readonly why?: { readonly fetch: string; readonly status: number | null; readonly problem: string | null };
};

/** Events that wait for what they have fetched. Postgres says whose turn it is. */
export type FetchQueue = {
  /** Events without a plan that need something fetched: from now on they wait for that. */
  awaitFetch(ids: readonly string[]): Promise<void>;
  /**
   * Takes events that are due for a while, the oldest first; of one record only the first that waits. None of a source that is on
   * hold or paused.
   */
  claimFetches(source: string, limit: number, leaseMs: number): Promise<WaitingEvent[]>;
  /**
   * Puts events off, with an entry for each try.
   *
   * @param sourceVersion of the source that was asked by: if it has changed since, the try does not count and the event is due at once
   */
  postponeFetches(source: string, events: readonly Postponed[], sourceVersion?: number): Promise<void>;
  /** @returns in how many milliseconds the next is due; `null`: none waits */
  nextFetch(source: string): Promise<number | null>;
  /** Notes what is wrong with a source's API, and for how long nothing is asked of it, with an entry where that is news. */
  noteFetching(source: string, problem: FetchProblem | null, holdMs: number, report?: FetchReport): Promise<void>;
};
