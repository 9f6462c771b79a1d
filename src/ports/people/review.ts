/** Calls that wait for a person, and their owners. Times are epoch milliseconds. Types only. */
import type { CallRow } from "../lookups/calls.ts";
import type { Cursor, Results } from "../page.ts";

/** A call that only a person can decide, or that may come to that. */
export type ReviewRow = CallRow & {
  /** Time since which it waits. */
  readonly waitingSince: number;
  /** Actor of the owner; null: nobody has taken it on. */
  readonly owner: string | null;
  readonly ownedAt: number | null;
};

export type ReviewFilter = {
  readonly status?: "held" | "review" | "unknown" | undefined;
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
  readonly line?: string | undefined;
  /** `"none"`: calls without an owner. Else the owner's actor. */
  readonly owner?: string | undefined;
};

export type ReviewStore = {
  /** Number of calls that wait for a person's decision, counted up to a bound. */
  count(max: number): Promise<number>;
  /** Waiting calls, the oldest first. */
  waiting(filter: ReviewFilter, limit: number, after: Cursor | null): Promise<Results<ReviewRow>>;
  /**
   * Gives a waiting call to an owner, or to nobody, with an entry.
   *
   * @param owner Actor of the new owner; null to give it back.
   * @param from The owner that the person saw. Another one since is no success.
   */
  assign(
    call: string,
    owner: string | null,
    from: string | null,
    actor: string,
  ): Promise<"assigned" | "same" | { owner: string | null } | "not_waiting">;
};
