/** Look-ups of calls. Times are epoch milliseconds. Types only. */

import type { CallStatus, Outcome } from "../../domain/calls/call.ts";
import type { Maker } from "../../domain/calls/rings-anyway.ts";
import type { Cursor, Searched } from "../page.ts";
import type { EntryRow } from "./entries.ts";

/**
 * The reason why a queued call or an unplanned event waits. `reason` is a code of `domain/reasons.ts`; `detail` is a
 * person's reason or Mihu's answer.
 */
export type Wait = { reason: string; detail: string | null; since: number | null; until: number | null };

/** A stored call. */
export type CallRow = {
  id: string;
  try: number;
  againOf: string | null;
  /** A person's reason for this further try. */
  againReason: string | null;
  status: CallStatus;
  outcome: Outcome | null;
  outcomeRaw: string | null;
  reason: string | null;
  detail: Record<string, unknown> | null;
  source: string;
  rule: string;
  ruleVersion: number;
  eventId: string;
  mode: string;
  line: string | null;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  number: string | null;
  about: string | null;
  prompt: string | null;
  promptOverwrite: boolean;
  greeting: string | null;
  zones: string[] | null;
  conversationUuid: string | null;
  contactUuid: string | null;
  mihuId: string | null;
  listenUrl: string | null;
  recordUrl: string | null;
  recordingUrl: string | null;
  createdAt: number;
  dueAt: number | null;
  closesAt: number | null;
  expiresAt: number | null;
  claimedAt: number | null;
  placedAt: number | null;
  endedAt: number | null;
  /** Time of the erasure of its number, texts and other personal data. */
  erasedAt: number | null;
  durationS: number | null;
  summary: string | null;
  /** Time of the next look-up at Mihu, of a call of which it is unknown whether it rang; else of the next poll. */
  pollAt: number | null;
  /** Null unless the call is queued. */
  waits: Wait | null;
  /**
   * Its rule and source in their present state. Null if the call was requested directly, or no person can release it.
   */
  maker: Maker | null;
};

export type VerdictRow = { at: number; gate: string; verdict: "pass" | "stop"; inputs: Record<string, unknown> };

/** A Mihu outcome webhook; `body` is JSON without credentials. */
export type ReportRow = { event: string; at: number; body: string };

export type CallFilter = {
  /** One of these calls. A list by it is bounded by the number of ids. */
  readonly ids?: readonly string[] | undefined;
  readonly orderNumberKey?: string | undefined;
  readonly recordType?: string | undefined;
  readonly recordId?: string | undefined;
  readonly number?: string | undefined;
  readonly conversation?: string | undefined;
  /** One of these. */
  readonly statuses?: readonly CallStatus[] | undefined;
  readonly outcome?: Outcome | undefined;
  readonly mode?: string | undefined;
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
  readonly rule?: string | undefined;
  readonly line?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

export type CallLookups = {
  calls(filter: CallFilter, limit: number, after: Cursor | null): Promise<Searched<CallRow>>;
  call(id: string): Promise<CallRow | null>;
  callsOfEvent(id: string): Promise<CallRow[]>;
  /** Entries and verdicts of a call, and entries of its event, oldest first. */
  timeline(callId: string, eventId: string): Promise<{ entries: EntryRow[]; verdicts: VerdictRow[] }>;
  /** Reports of Mihu's webhooks about a call, oldest first. */
  reports(call: Pick<CallRow, "conversationUuid" | "mihuId">): Promise<ReportRow[]>;
  /** Ids of the calls of one conversation, oldest first. */
  conversation(uuid: string): Promise<string[]>;
};
