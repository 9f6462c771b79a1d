/** Settlement: placed calls and their outcomes. Types only. */
import type { Outcome } from "../../domain/calls/call.ts";
import type { LineVersion, VersionedLine } from "../../domain/calls/line.ts";
import type { FoundCall, OtherCall, UnknownCall } from "../../domain/calls/reconcile.ts";
import type { Mismatch } from "../../domain/calls/settle.ts";
import type { RuleDefinition } from "../../domain/rules/rule.ts";
import type { LinePoke } from "./line-objects.ts";

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
  again: { dueAt: number; closesAt: number | null; expiresAt: number | null; line: LineVersion } | null;
};

/**
 * `pokes`: lines that have capacity again, or a further try to dial. `left`: calls that were not settled, because the line of their further
 * try has another version than the one that its times were computed by.
 */
export type Settled = { readonly pokes: LinePoke[]; readonly left: readonly string[] };

export type SettlementStore = {
  /** Every call of ours that was placed in one of these conversations, of whatever line. */
  ofConversations(conversationUuids: readonly string[]): Promise<OpenCall[]>;
  openToPoll(line: string, limit: number): Promise<OpenCall[]>;
  /** Other calls of ours that have, or may have, one of these. */
  othersOf(call: UnknownCall, found: readonly FoundCall[]): Promise<OtherCall[]>;
  /** Gives a placed call its conversation. @returns `false`: it has one, is not placed any more, or another call is that one */
  joinConversation(
    callId: string,
    conversation: { conversationUuid: string; contactUuid: string | null },
    actor: string,
  ): Promise<boolean>;
  /** Makes the line's placed calls due that have one of these ids of Mihu's and no conversation. @returns whether there are any */
  pollNow(line: string, mihuIds: readonly string[]): Promise<boolean>;
  pollLater(polls: { callId: string; waitMs: number }[]): Promise<void>;
  settle(settlements: Settlement[], actor: string): Promise<Settled>;
  /** Notes that Mihu has another call under a call's conversation: once for each call. */
  noteForeign(foreign: readonly Foreign[], actor: string): Promise<void>;
  /** The rule that made a call, as it was then. */
  ruleOf(call: OpenCall): Promise<{ definition: RuleDefinition; zones: string[]; line: VersionedLine } | null>;
};
