/** Settlement of placed calls. Types only. */
import type { Outcome } from "../../domain/calls/call.ts";
import type { LineVersion, VersionedLine } from "../../domain/calls/line.ts";
import type { FoundCall, OtherCall, UnknownCall } from "../../domain/calls/reconcile.ts";
import type { Mismatch } from "../../domain/calls/settle.ts";
import type { RuleDefinition } from "../../domain/rules/rule.ts";
import type { LinePoke } from "./line-objects.ts";

/** A placed call without a known outcome. */
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
  /** Number that was called. */
  number: string;
  /** Agent that placed the call; null if the line's agent changed since. */
  agent: string | null;
  claimedAt: number;
  /** Whether the call has ended. A late report may still add a summary. */
  ended: boolean;
  /** Whether nothing is left to report. */
  settled: boolean;
};

/** A conversation that is attached to a Hookline call but contains nothing of that call. */
export type Foreign = { callId: string; conversationUuid: string; mismatch: Mismatch };

/** Outcome of a call. */
export type Settlement = {
  callId: string;
  outcome: Outcome;
  outcomeRaw: string | null;
  durationS: number | null;
  summary: string | null;
  recordingUrl: string | null;
  endedAt: number;
  /** The further try that the rule wants after this outcome. `askedAt`: the rule's time, which the calling hours may postpone. */
  again: {
    askedAt: number;
    dueAt: number;
    closesAt: number | null;
    expiresAt: number | null;
    line: LineVersion;
  } | null;
};

/**
 * `pokes`: lines with free capacity, or with a further try to dial. `left`: calls that were not settled, because the
 * line of their further try has changed since its times were computed.
 */
export type Settled = { readonly pokes: LinePoke[]; readonly left: readonly string[] };

export type SettlementStore = {
  /** All Hookline calls in these conversations, on any line. */
  ofConversations(conversationUuids: readonly string[]): Promise<OpenCall[]>;
  openToPoll(line: string, limit: number): Promise<OpenCall[]>;
  /** Other Hookline calls that are, or may be, one of the found calls. */
  othersOf(call: UnknownCall, found: readonly FoundCall[]): Promise<OtherCall[]>;
  /**
   * Gives a placed call its conversation. @returns False if it has one, is no longer placed, or another call has this
   * one.
   */
  joinConversation(
    callId: string,
    conversation: { conversationUuid: string; contactUuid: string | null },
    actor: string,
  ): Promise<boolean>;
  /**
   * Makes the line's placed calls due that have one of these Mihu ids and no conversation. @returns Whether there are
   * any.
   */
  pollNow(line: string, mihuIds: readonly string[]): Promise<boolean>;
  pollLater(polls: { callId: string; waitMs: number }[]): Promise<void>;
  settle(settlements: Settlement[], actor: string): Promise<Settled>;
  /** Records that Mihu has another call under a call's conversation, once per call. */
  noteForeign(foreign: readonly Foreign[], actor: string): Promise<void>;
  /** The rule that made a call, in the version of that time. */
  ruleOf(call: OpenCall): Promise<{ definition: RuleDefinition; zones: string[]; line: VersionedLine } | null>;
};
