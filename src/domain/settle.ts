/** Which report of Mihu belongs to which of our calls, and what follows from an outcome. Pure. */
import type { Outcome } from "./call.ts";
import { addOpenTime, openWindow } from "./hours.ts";
import { pollGiveUpMs } from "./limits.ts";
import type { Line } from "./line.ts";
import type { Rule, TryAgain } from "./rule.ts";

/** What Mihu says of one call of a conversation. */
export type Report = {
  readonly callId: string | null;
  readonly ended: boolean;
  readonly outcome: Outcome | null;
  readonly raw: string | null;
  readonly durationS: number | null;
  readonly summary: string | null;
  readonly recordingUrl: string | null;
  /** When this call began, as Mihu has it. */
  readonly startedAt: number | null;
};

/** Our clock and Mihu's may differ by this much. */
const skewMs = 5_000;

/**
 * Finds the report of a call. A conversation may hold several calls with one person: Mihu's id of the call decides; without one, the
 * newest report that began after our call was placed, and only if no other call of ours can be meant.
 *
 * @param alone whether the conversation has no other open call of ours
 */
export function reportOf(
  call: { readonly mihuId: string | null; readonly placedAt: number },
  reports: readonly Report[],
  alone: boolean,
): Report | null {
  const named = call.mihuId === null ? undefined : reports.find((report) => report.callId === call.mihuId);
  if (named !== undefined) return named;
  if (!alone) return null;
  // A report with another id is another call's. One without a time may be an older call's: what it says must not end this one.
  const later = reports.filter(
    ({ callId, startedAt }) =>
      (callId === null || call.mihuId === null) && startedAt !== null && startedAt >= call.placedAt - skewMs - 30_000,
  );
  return later.length === 1 ? (later[0] ?? null) : null;
}

/** Pauses between questions about a call that still goes on: close at first, then rare, for a day. */
const pollPausesMs = [60_000, 120_000, 300_000, 900_000, 1_800_000, 3_600_000] as const;

/** @returns how long to wait before asking again; `null` when there has been no news for too long. */
export function nextPoll(call: { readonly placedAt: number; readonly polls: number }, nowMs: number): number | null {
  if (nowMs - call.placedAt >= pollGiveUpMs) return null;
  return pollPausesMs[Math.min(call.polls, pollPausesMs.length - 1)] ?? 3_600_000;
}

/**
 * @param call which try this was
 * @returns when the rule's further try is due, in its line's hours; `null` when it wants none
 */
export function furtherTry(
  rule: Pick<Rule, "tryAgain" | "expiresMs">,
  call: { readonly try: number },
  outcome: Outcome,
  line: Line,
  zones: readonly string[],
  nowMs: number,
): { dueAt: number; closesAt: number | null; expiresAt: number | null } | null {
  const pauseMs = wants(rule.tryAgain, outcome) ? rule.tryAgain?.afterMs[call.try - 1] : undefined;
  if (pauseMs === undefined) return null;
  const from = nowMs + pauseMs;
  const window = openWindow(line.hours, zones, from);
  if (window === null) return null;
  return {
    dueAt: Math.max(from, window.opensAtMs),
    closesAt: Number.isFinite(window.closesAtMs) ? window.closesAtMs : null,
    expiresAt: addOpenTime(line.hours, zones, from, rule.expiresMs),
  };
}

function wants(tryAgain: TryAgain | null, outcome: Outcome): boolean {
  return tryAgain?.on.some((wanted) => wanted === outcome) ?? false;
}
