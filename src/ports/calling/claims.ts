/** Claims: Postgres decides which calls a line dials next. Types only. */

/** A call that a line has claimed and must dial now. */
export type ClaimedCall = {
  id: string;
  agent: string;
  number: string;
  about: string;
  prompt: string | null;
  promptOverwrite: boolean;
  greeting: string | null;
  /**
   * Milliseconds from the claim to its expiry or the end of its calling hours, whichever comes first; null without
   * either.
   */
  openMs: number | null;
  claimSeq: number;
  /** Event, rule and try identify the call, whatever the id of its row: there is one call for each. */
  eventId: string;
  rule: string;
  try: number;
};

/** Result of one claim. */
export type Claim = {
  /** The line's claim number now. If it differs from the given one, another instance claimed meanwhile. */
  seq: number;
  missing: boolean;
  paused: boolean;
  calls: ClaimedCall[];
  /** Time of the next claim, unless a poke comes first; null if nothing waits. */
  nextAt: number | null;
};

/** One claim of one call. */
export type ClaimRef = { readonly callId: string; readonly claimSeq: number };

/** A call that had begun and, according to the journal, may have rung. */
export type Rung = ClaimRef & {
  readonly eventId: string;
  readonly rule: string;
  readonly try: number;
  /** By the object's clock, in epoch milliseconds. */
  readonly claimedAt: number;
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
};

/**
 * Claims that Postgres does not know after it was restored. `journalBegins`: the journal lacks the claims before it.
 */
export type LostClaims = { readonly from: number; readonly to: number; readonly journalBegins?: number };

export type ClaimStore = {
  /** @returns The line's claim number; null if the line does not exist. */
  claimSeq(line: string): Promise<number | null>;
  /** @param journal Id of the journal that stores the claim. */
  claim(line: string, seq: number, max: number, journal?: string): Promise<Claim>;
  /** Calls in status `dialing` whose claim is stored in this journal. */
  claimedBy(line: string, journal: string): Promise<ClaimRef[]>;
  /**
   * Moves calls to `review` that may have rung, although Postgres has them waiting.
   *
   * @param lost Claims that the line pauses for and names; null for no pause.
   */
  wentBack(line: string, lost: LostClaims | null, rung: readonly Rung[], actor: string): Promise<void>;
};
