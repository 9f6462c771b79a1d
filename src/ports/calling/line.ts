/** What a line needs: claims, results, outcomes. Types only. */
import type { Line } from "../../domain/calls/line.ts";
import type { Adoption, Doubt, FoundCall, OtherCall, UnknownCall } from "../../domain/calls/reconcile.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { RuleDefinition } from "../../domain/rules/rule.ts";
import type { PersonAct } from "../person-act.ts";
import type { Claim, ClaimRef, Rung } from "./claims.ts";
import type { LinePoke } from "./line-objects.ts";
import type { OutcomeReport } from "./outcome-reports.ts";
import type { DialResult } from "./results.ts";
import type { Foreign, OpenCall, Settlement } from "./settlements.ts";

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
