/** What a line's object keeps on its own disk of what it has claimed. Types only. */

import type { ClaimedCall, ClaimRef, Rung } from "./claims.ts";
import type { DialResult } from "./results.ts";

/**
 * The claim journal: what was claimed, whether its POST was begun, and what the answer was. Postgres stays the truth; the journal
 * knows the two things that Postgres cannot: that a claimed call was never begun, and what happened after a backup was made.
 */
export type ClaimJournal = {
  /** Whose claims these are: no other journal has this name. */
  readonly id: string;
  /**
   * Notes claimed calls.
   *
   * @returns those that may have rung already, as an earlier claim of the same (event, rule, try) left them: they must not be begun
   */
  claimed(calls: readonly ClaimedCall[]): Promise<Rung[]>;
  /**
   * Marks a claimed call as begun. Resolves once the mark is on the disk.
   *
   * @returns `false` when it was released meanwhile, or is not known here: it must not be begun
   */
  begin(claim: ClaimRef): Promise<boolean>;
  /** Notes how a dial ended, until Postgres has it. Never rejects: the answer goes on its way in any case. */
  answered(result: DialResult): Promise<void>;
  /** Postgres has taken these, or never will. */
  recorded(claims: readonly ClaimRef[]): Promise<void>;
  /**
   * Makes sure that claims can never be begun any more, by whoever holds them. Resolves once that is on the disk.
   *
   * @returns those of them that never were
   */
  release(claims: readonly ClaimRef[]): Promise<ClaimRef[]>;
  /** What Postgres may not know yet: claims that were not begun, and answers. */
  left(): Promise<{ readonly waiting: readonly ClaimRef[]; readonly answers: readonly DialResult[] }>;
  /** What may have rung and was claimed after this claim number, the newest first. */
  after(claimSeq: number): Promise<Rung[]>;
  /** The first claim number of which, and of all after it, this journal can tell; `null`: it was never told of a claim. */
  begins(): Promise<number | null>;
};
