/** What a line needs: claims, results, outcomes. Types only. */
import type { Outcome } from "../../domain/calls/call.ts";
import type { DialEnd } from "../../domain/calls/dial.ts";
import type { Line } from "../../domain/calls/line.ts";
import type { Adoption, Doubt, FoundCall, OtherCall, UnknownCall } from "../../domain/calls/reconcile.ts";
import type { Mismatch } from "../../domain/calls/settle.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { RuleDefinition } from "../../domain/rules/rule.ts";
import type { PersonAct } from "../people/decisions.ts";
import type { ClaimRef, Rung } from "./journal.ts";

/** The slug of a line that may have something to dial. */
export type LinePoke = string;

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
  /** Whom it rang. */
  number: string;
  /** The agent that rang: the line's, unless that was changed since; then `null`. */
  agent: string | null;
  claimedAt: number;
  /** Its end is known already; a late report may add a summary. */
  ended: boolean;
  /** Nothing is left to be told. */
  settled: boolean;
};

/** One report of a webhook of Mihu's, kept as it came but for its credentials. Nothing of it is believed. */
export type OutcomeReport = {
  /** The same report again has the same key. */
  key: string;
  event: string;
  conversationUuid: string | null;
  /** Mihu's id of the call. */
  mihuId: string | null;
  /** JSON. */
  body: string;
  receivedAt: number;
};

/** A conversation that a call of ours has, and nothing in it is that call's. */
export type Foreign = { callId: string; conversationUuid: string; mismatch: Mismatch };

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
  /** @param journal the journal that the claim will be noted in */
  claim(line: string, seq: number, max: number, journal?: string): Promise<Claim>;
  /** Calls in status `dialing` whose claim is to be found in this journal. */
  claimedBy(line: string, journal: string): Promise<ClaimRef[]>;
  /**
   * Calls that may have rung though Postgres has them waiting: they go to `review`.
   *
   * @param behind the claims that Postgres does not know, and where among them the journal begins, if it cannot tell of them all; the
   *   line pauses. `null`: the line goes on
   */
  wentBack(
    line: string,
    behind: { from: number; to: number; journalBegins?: number } | null,
    rung: readonly Rung[],
    actor: string,
  ): Promise<void>;
  record(line: string, results: DialResult[]): Promise<void>;
  /** Whether a thrown value means that Postgres refuses what it was given, and will again. */
  refuses(error: unknown): boolean;
  /** @returns whether it went on before. */
  pauseLine(line: string, reason: ReasonCode, detail: string, actor: string): Promise<boolean>;
  /** @returns whether it was paused, and may go on. Only a person ends a person's pause. */
  resumeLine(line: string, actor: string, byPerson: boolean, reason?: string): Promise<boolean>;
  /** @returns every line, with the reason why it is paused now. */
  pauseAll(detail: string, actor: string): Promise<{ line: string; reason: string }[]>;
  /** Ends the pauses of {@link pauseAll}, and no others. @returns the lines that go on. */
  resumeAll(reason: string | undefined, actor: string): Promise<string[]>;
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
  /** Every call of ours that was placed in one of these conversations, of whatever line. */
  ofConversations(conversationUuids: readonly string[]): Promise<OpenCall[]>;
  openToPoll(line: string, limit: number): Promise<OpenCall[]>;
  /** A placed call's conversation is found. @returns `false`: it has one, is not placed any more, or another call is that one */
  joinConversation(
    callId: string,
    conversation: { conversationUuid: string; contactUuid: string | null },
    actor: string,
  ): Promise<boolean>;
  /** There is news of these ids of Mihu's: the line's placed calls that have them and no conversation are due. @returns whether there are any */
  pollNow(line: string, mihuIds: readonly string[]): Promise<boolean>;
  settle(settlements: Settlement[], actor: string): Promise<LinePoke[]>;
  /** Notes that what Mihu has under a call's conversation is not that call: once for each call. */
  noteForeign(foreign: readonly Foreign[], actor: string): Promise<void>;
  /** Keeps what Mihu's webhooks said; a report that is kept already is not kept twice. */
  keepReports(line: string, reports: readonly OutcomeReport[]): Promise<void>;
  /** A person wants no further try of a call that is under way, whatever its outcome. @returns `false`: it is not, or it was said before */
  stopTries(callId: string, act: PersonAct): Promise<boolean>;
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

/** What a line's object did when it was told to stop at once. */
export type Halted = {
  /** Calls that it had claimed and not begun: they are queued again. */
  givenBack: number;
  /** Calls whose POST is on its way: it cannot be called back. */
  inFlight: number;
};

/** The lines' objects. */
export type LineObjects = {
  /** There may be something to dial, or the line was changed. */
  poke(line: string): Promise<void>;
  /** Once this resolves the object begins nothing that it claimed before. Postgres was told of the pause before. */
  halt(line: string): Promise<Halted>;
  /** Mihu has news. @returns whether it was kept: `false` when too much waits */
  news(line: string, reports: OutcomeReport[]): Promise<boolean>;
};
