/** Claims: Postgres decides which calls a line dials next. Types only. */

/** A call that a line has claimed and must now dial. */
export type ClaimedCall = {
  id: string;
  agent: string;
  number: string;
  about: string;
  prompt: string | null;
  promptOverwrite: boolean;
  greeting: string | null;
  /** Milliseconds from the claim to the end of its calling hours or its expiry, whichever comes first; `null`: neither ends. */
  openMs: number | null;
  claimSeq: number;
  /** What it is, whatever its row is called: there is one call for each of these. */
  eventId: string;
  rule: string;
  try: number;
};

/** What one claim found. */
export type Claim = {
  /** The line's claim number now; another one than was given means that somebody else claimed meanwhile. */
  seq: number;
  missing: boolean;
  paused: boolean;
  calls: ClaimedCall[];
  /** When it is worth asking again, if nobody pokes before; `null` when nothing waits. */
  nextAt: number | null;
};

/** One claim of one call. */
export type ClaimRef = { readonly callId: string; readonly claimSeq: number };

/** A call that was begun and that, for all the journal knows, may have rung. */
export type Rung = ClaimRef & {
  readonly eventId: string;
  readonly rule: string;
  readonly try: number;
  /** By the object's clock, epoch milliseconds. */
  readonly claimedAt: number;
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
};

/** Claims that Postgres does not know, after it was restored. `journalBegins`: the journal does not have those before it. */
export type LostClaims = { readonly from: number; readonly to: number; readonly journalBegins?: number };

export type ClaimStore = {
  /** @returns the line's claim number; `null` when there is no such line */
  claimSeq(line: string): Promise<number | null>;
  /** @param journal the journal that the claim will be noted in */
  claim(line: string, seq: number, max: number, journal?: string): Promise<Claim>;
  /** Calls in status `dialing` whose claim is to be found in this journal. */
  claimedBy(line: string, journal: string): Promise<ClaimRef[]>;
  /**
   * Moves calls to `review` that may have rung though Postgres has them waiting.
   *
   * @param lost the line pauses and names them; `null`: it goes on
   */
  wentBack(line: string, lost: LostClaims | null, rung: readonly Rung[], actor: string): Promise<void>;
};
