/** Fetches: the sender's API, and the events that wait for it. Types only. */

import type { StoredEvent } from "../../domain/events/event.ts";
import type { FetchAnswer, FetchProblem } from "../../domain/fetch/fetch.ts";
import type { FailedAnswer } from "../../domain/fetch/trouble.ts";
import type { MappingContext } from "../../domain/rules/context.ts";
import type { SourceCopy } from "../source-copy.ts";

/** API of one source, with its opened credential. */
export type RecordApi = {
  /** Orders names so that each record follows the records that its path uses. */
  inOrder(names: readonly string[]): string[];
  /**
   * One GET, or a cached answer that is recent enough. Never rejects on a failure of the sender.
   *
   * @param sinceMs Oldest acceptable time of a cached answer. An older answer may not reflect the event.
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
 * An event that waits for its records. `fetchTries`: failed tries. `sourceVersion`: version of its source at the claim,
 * so that no `api` of an older version is used.
 */
export type WaitingEvent = StoredEvent & { fetchTries: number; sourceVersion?: number };

/** State of a source's API after a round of fetches. */
export type FetchReport = {
  /** Failed GETs, and their last answer; null if there was no request. */
  readonly failures: number;
  readonly answer: FailedAnswer | null;
  /**
   * Records that the API does not have, in a round without any record. A run of such rounds is a problem of the source.
   */
  readonly missing?: number;
  /** Version of the source in this round. A source that changed since is not judged by it. */
  readonly sourceVersion: number;
};

/**
 * Result of retrying at a person's request. `waiting`: events that are due now, up to a bound. Null if the source does
 * not exist.
 */
export type FetchNow = { readonly waiting: number; readonly paused: boolean } | null;

/** An event to retry. `why`: the failure; absent if the event was not tried itself. */
export type Postponed = {
  readonly id: string;
  readonly afterMs: number;
  readonly why?: { readonly fetch: string; readonly status: number | null; readonly problem: string | null };
};

/** Events that wait for records. Postgres decides which are due. */
export type FetchQueue = {
  /** Marks unplanned events as waiting for records. */
  awaitFetch(ids: readonly string[]): Promise<void>;
  /**
   * Leases due events, oldest first, and only the first event of each record. Leases nothing if the source is on hold
   * or paused.
   */
  claimFetches(source: string, limit: number, leaseMs: number): Promise<WaitingEvent[]>;
  /**
   * Postpones events, with an entry for each try.
   *
   * @param sourceVersion Version of the source that was used. If it changed since, the try does not count and the event
   *   is due at once.
   */
  postponeFetches(source: string, events: readonly Postponed[], sourceVersion?: number): Promise<void>;
  /** @returns Milliseconds until the next event is due; null if no event waits. */
  nextFetch(source: string): Promise<number | null>;
  /** Stores a problem of a source's API and the time without requests to it. A new problem gets an entry. */
  noteFetching(source: string, problem: FetchProblem | null, holdMs: number, report?: FetchReport): Promise<void>;
};
