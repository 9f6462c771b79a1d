/** What a line needs: claims, results, outcomes. Types only. */
import type { Outcome } from "../domain/call.ts";
import type { DialEnd } from "../domain/dial.ts";
import type { Line } from "../domain/line.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { Adoption, Doubt, FoundCall, OtherCall, UnknownCall } from "../domain/reconcile.ts";
import type { RuleDefinition } from "../domain/rule.ts";

/** A line that has calls to place. */
export type LinePoke = { line: string; dueAt: number };

/** A call that a line has claimed and must now dial. */
export type ClaimedCall = {
  id: string;
  agent: string;
  number: string;
  about: string;
  prompt: string | null;
  promptOverwrite: boolean;
  greeting: string | null;
  claimSeq: number;
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

/** The end of one dial, for the claim that it belongs to. */
export type DialResult = { callId: string; claimSeq: number } & DialEnd;

/** A placed call whose outcome is not known yet. */
export type OpenCall = {
  id: string;
  line: string;
  conversationUuid: string | null;
  mihuId: string | null;
  placedAt: number;
  polls: number;
  try: number;
  source: string;
  rule: string;
  ruleVersion: number;
  /** Its end is known already; a late report may add a summary. */
  ended: boolean;
};

/** What became of a call. */
export type Settlement = {
  callId: string;
  outcome: Outcome;
  outcomeRaw: string | null;
  durationS: number | null;
  summary: string | null;
  recordingUrl: string | null;
  endedAt: number;
  /** A further try that the rule names, if the outcome asks for one. */
  again: { dueAt: number; closesAt: number | null; expiresAt: number | null } | null;
};

/** The line's store. */
export type CallStore = {
  claimSeq(line: string): Promise<number | null>;
  claim(line: string, seq: number, max: number): Promise<Claim>;
  record(line: string, results: DialResult[]): Promise<void>;
  /** Whether a thrown value means that Postgres refuses what it was given, and will again. */
  refuses(error: unknown): boolean;
  /** @returns whether it went on before. */
  pauseLine(line: string, reason: ReasonCode, detail: string, actor: string): Promise<boolean>;
  /** @returns whether it was paused, and may go on. Only a person ends a person's pause. */
  resumeLine(line: string, actor: string, byPerson: boolean): Promise<boolean>;
  /** Why a line is paused; `null` when it goes on, or is not there. */
  pauseOf(line: string): Promise<{ agent: string; reason: string } | null>;
  /** Mihu asked the whole line to wait. */
  holdLine(line: string, waitMs: number): Promise<void>;
  line(slug: string): Promise<Line | null>;
  /** Waiting calls whose calling hours are over: to be given their next. */
  windowsPassed(line: string, limit: number): Promise<{ id: string; zones: string[] }[]>;
  /** `window` is null for a call that will never be in calling hours: it ends. */
  rewindow(
    line: string,
    windows: { id: string; window: { dueAt: number; closesAt: number | null } | null }[],
  ): Promise<void>;
  openByConversation(line: string, conversationUuid: string): Promise<OpenCall[]>;
  openToPoll(line: string, limit: number): Promise<OpenCall[]>;
  settle(settlements: Settlement[], actor: string): Promise<LinePoke[]>;
  pollLater(polls: { callId: string; waitMs: number }[]): Promise<void>;
  /** Calls in status `unknown` whose look is due, the longest due first. */
  openUnknown(line: string, limit: number): Promise<UnknownCall[]>;
  /** Other calls of ours that have, or may have, one of these. */
  othersOf(call: UnknownCall, found: readonly FoundCall[]): Promise<OtherCall[]>;
  /** `unknown` → `placed`. @returns `false` when the call has left `unknown`, or another has taken what was found. */
  adopt(callId: string, adoption: Adoption, actor: string): Promise<boolean>;
  /** `unknown` → `review`. @returns `false` when the call has left `unknown`. */
  toReview(callId: string, doubt: Doubt, actor: string): Promise<boolean>;
  /** `read`: Mihu's list could be read, so the look counts. */
  lookLater(callId: string, look: { read: boolean; waitMs: number }, actor: string): Promise<void>;
  /** The rule that made a call, as it was then. */
  ruleOf(call: OpenCall): Promise<{ definition: RuleDefinition; zones: string[]; line: Line } | null>;
};

/** The lines' objects. */
export type LineObjects = {
  /** There may be something to dial, or the line was changed. */
  poke(line: string): Promise<void>;
  /** Mihu has news of a conversation. */
  news(line: string, conversationUuids: string[]): Promise<void>;
};
