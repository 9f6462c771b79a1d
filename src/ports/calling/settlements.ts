/** Settlement: placed calls and their outcomes. Types only. */
import type { Outcome } from "../../domain/calls/call.ts";
import type { Mismatch } from "../../domain/calls/settle.ts";

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
  again: { dueAt: number; closesAt: number | null; expiresAt: number | null } | null;
};
