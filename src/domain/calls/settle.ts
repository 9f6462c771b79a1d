/** Assigns Mihu's reports to Hookline's calls, and schedules polls and further tries. Pure. */

import { mihuChannelWaitMs, mihuClockSkewMs } from "../limits.ts";
import { addOpenTime, openWindow } from "../people/calling-hours.ts";
import type { Rule, TryAgain } from "../rules/rule.ts";
import type { Outcome } from "./call.ts";
import { sameId } from "./call.ts";
import type { Line } from "./line.ts";

/** Time after which a placed call without an outcome ends as `unspecified`. */
const pollGiveUpMs = 86_400_000;

/** Mihu's report about one call of a conversation. */
export type ConversationReport = {
  readonly callId: string | null;
  readonly ended: boolean;
  readonly outcome: Outcome | null;
  readonly raw: string | null;
  readonly durationS: number | null;
  readonly summary: string | null;
  readonly recordingUrl: string | null;
  /** Start of this call, by Mihu. */
  readonly startedAt: number | null;
  /** The called number in E.164; null if Mihu does not report it. */
  readonly number: string | null;
  /** The calling agent; null if Mihu does not report it. */
  readonly agent: string | null;
  /** Whether the call is inbound, simulated, or of a campaign or task. Hookline did not request such a call. */
  readonly elsewhere: boolean;
};

/** A conversation at Mihu. `complete`: all of its calls were read. */
export type Conversation = { readonly reports: readonly ConversationReport[]; readonly complete: boolean };

/** A Hookline call, for comparison with reports. Times are epoch milliseconds. */
export type OwnCall = {
  readonly id: string;
  readonly mihuId: string | null;
  readonly number: string;
  /** The calling agent; null if it is no longer known. */
  readonly agent: string | null;
  readonly claimedAt: number;
  readonly placedAt: number;
};

/** The part of a report that contradicts the call. */
export type Mismatch = "number" | "agent";

/**
 * Assigns reports to calls. A conversation may contain several calls with one person, including those of other systems
 * and the customer's own.
 * Mihu's id of the call decides. A report without an id must have started with the Hookline call, have its number and
 * agent, and fit no other call. Ambiguous reports are not assigned.
 *
 * @param calls All Hookline calls in the conversation, including ended calls.
 * @returns Reports by the calls' ids. `foreign`: calls whose number and agent match nothing in the conversation.
 */
export function assignReports(
  calls: readonly OwnCall[],
  { reports, complete }: Conversation,
): { readonly found: ReadonlyMap<string, ConversationReport>; readonly foreign: ReadonlyMap<string, Mismatch> } {
  const found = new Map<string, ConversationReport>();
  const foreign = new Map<string, Mismatch>();
  const named = new Set<ConversationReport>();
  for (const call of calls) {
    const report = reports.find(({ callId }) => callId !== null && call.mihuId !== null && sameId(callId, call.mihuId));
    if (report === undefined) continue;
    named.add(report);
    const mismatch = mismatchOf(call, report);
    if (mismatch === null) found.set(call.id, report);
    else foreign.set(call.id, mismatch);
  }
  for (const call of calls) {
    if (found.has(call.id) || foreign.has(call.id)) continue;
    const mismatches = reports.map((report) => mismatchOf(call, report));
    const [first] = mismatches;
    if (first !== undefined && first !== null && mismatches.every((mismatch) => mismatch !== null))
      foreign.set(call.id, first);
  }
  // If Mihu's ids in reports are of the same kind as in its answers, a report with another id belongs to another call.
  const open = reports.filter((report) => !named.has(report) && !report.elsewhere && report.number !== null);
  const mayBe = (call: OwnCall) =>
    open.filter(
      (report) =>
        (report.callId === null || call.mihuId === null || named.size === 0) &&
        mismatchOf(call, report) === null &&
        beganWith(call, report),
    );
  const unnamed = complete ? calls.filter(({ id }) => !found.has(id) && !foreign.has(id)) : [];
  const candidates = new Map(unnamed.map((call) => [call.id, mayBe(call)]));
  for (const [id, [report, ...others]] of candidates) {
    if (report === undefined || others.length > 0) continue;
    const rivals = [...candidates.values()].filter((of) => of.includes(report));
    if (rivals.length === 1) found.set(id, report);
  }
  return { found, foreign };
}

function mismatchOf(call: OwnCall, report: ConversationReport): Mismatch | null {
  if (report.number !== null && report.number !== call.number) return "number";
  return report.agent !== null && call.agent !== null && !sameId(report.agent, call.agent) ? "agent" : null;
}

function beganWith(call: OwnCall, { startedAt }: ConversationReport): boolean {
  // A report without a time may belong to an older call and must not end this one.
  if (startedAt === null) return false;
  return (
    startedAt >= call.claimedAt - mihuClockSkewMs &&
    startedAt <= Math.max(call.claimedAt, call.placedAt) + mihuChannelWaitMs
  );
}

/** Delays between polls of a call that has not ended. The last delay repeats until {@link pollGiveUpMs}. */
const pollPausesMs = [60_000, 120_000, 300_000, 900_000, 1_800_000, 3_600_000] as const;

/** @returns Delay until the next poll; null if there was no news for too long. */
export function nextPoll(call: { readonly placedAt: number; readonly polls: number }, nowMs: number): number | null {
  if (nowMs - call.placedAt >= pollGiveUpMs) return null;
  return pollPausesMs[Math.min(call.polls, pollPausesMs.length - 1)] ?? 3_600_000;
}

/** A try that has ended, with its line and the zones of its number. */
type EndedTry = {
  readonly try: number;
  readonly outcome: Outcome;
  readonly line: Line;
  readonly zones: readonly string[];
};

/**
 * @returns Time of the rule's further try, within its line's hours; null if the rule makes no further try. `askedAt`: the time that
 *   the rule asks for.
 */
export function furtherTryOf(
  rule: Pick<Rule, "tryAgain" | "expiresMs">,
  { try: nth, outcome, line, zones }: EndedTry,
  nowMs: number,
): { askedAt: number; dueAt: number; closesAt: number | null; expiresAt: number | null } | null {
  const pauseMs = wantsFurtherTry(rule.tryAgain, outcome) ? rule.tryAgain?.afterMs[nth - 1] : undefined;
  if (pauseMs === undefined) return null;
  const from = nowMs + pauseMs;
  const window = openWindow(line.hours, zones, from);
  if (window === null) return null;
  return {
    askedAt: from,
    dueAt: Math.max(from, window.opensAtMs),
    closesAt: Number.isFinite(window.closesAtMs) ? window.closesAtMs : null,
    expiresAt: addOpenTime(line.hours, zones, from, rule.expiresMs),
  };
}

function wantsFurtherTry(tryAgain: TryAgain | null, outcome: Outcome): boolean {
  return tryAgain?.on.some((wanted) => wanted === outcome) ?? false;
}
