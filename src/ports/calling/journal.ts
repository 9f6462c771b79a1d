/** Claims on the disk of a line's object. Types only. */

import type { ClaimedCall, ClaimRef, Rung } from "./claims.ts";
import type { DialResult } from "./results.ts";

/**
 * The claim journal: claimed calls, whether their POST has begun, and the answer.
 *
 * Postgres stays the truth. The journal knows two things that Postgres cannot know: that a claimed call never began,
 * and what happened after a backup was taken.
 */
export type ClaimJournal = {
  /** Id of this journal. It is unique. */
  readonly id: string;
  /**
   * Stores claimed calls.
   *
   * @returns Calls that may have rung under an earlier claim of the same (event, rule, try). They must not begin.
   */
  claimed(calls: readonly ClaimedCall[]): Promise<Rung[]>;
  /**
   * Marks a claimed call as begun. Resolves once the mark is on disk.
   *
   * @returns False if the claim was released meanwhile, or is unknown here. The call must not begin.
   */
  begin(claim: ClaimRef): Promise<boolean>;
  /** Stores the result of a dial until Postgres has it. Never rejects: the result is sent to Postgres in any case. */
  answered(result: DialResult): Promise<void>;
  /** Postgres has stored these results, or never will. */
  recorded(claims: readonly ClaimRef[]): Promise<void>;
  /**
   * Ensures that these claims can no longer begin, whatever instance holds them. Resolves once that is on disk.
   *
   * @returns The claims that had not begun.
   */
  release(claims: readonly ClaimRef[]): Promise<ClaimRef[]>;
  /** State that Postgres may lack: claims that did not begin, and answers. */
  left(): Promise<{ readonly waiting: readonly ClaimRef[]; readonly answers: readonly DialResult[] }>;
  /** Calls that may have rung and were claimed after this claim number, the newest first. */
  after(claimSeq: number): Promise<Rung[]>;
  /** The first claim number from which on the journal is complete; null before its first claim. */
  begins(): Promise<number | null>;
};
