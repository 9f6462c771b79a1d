/** What the API and the pages look up. Moments are epoch milliseconds. Types only. */
import type { CallStatus, Outcome } from "../domain/calls/call.ts";
import type { EventState } from "../domain/events/event.ts";
import type { Rejection } from "./ingest/inbox.ts";
import type { Cursor } from "./page.ts";
import type { ToldField } from "./planning/fields.ts";

/** A stored call. */
export type CallRow = {
  id: string;
  try: number;
  againOf: string | null;
  /** Why a person wanted it though an earlier try had rung. */
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
  /** Since when its number, its texts and everything else of the person are gone. */
  erasedAt: number | null;
  durationS: number | null;
  summary: string | null;
};

/** A stored event. The body comes only where one event is asked for. */
export type EventRow = {
  id: string;
  source: string;
  externalId: string | null;
  type: string;
  occurredAt: number | null;
  receivedAt: number;
  plannedAt: number | null;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  state: EventState;
  reason: string | null;
  detail: Record<string, unknown> | null;
  conflicts: number;
  conflictAt: number | null;
  erasedAt: number | null;
  /** How often something was to be fetched for it and could not be; and when it is tried next, or was for the last time. */
  fetchTries: number;
  fetchAt: number | null;
};

/** An event with what was sent, and what was fetched for it: JSON both. */
export type WholeEventRow = EventRow & { body: string; headers: Record<string, string>; fetched: string | null };

export type EntryRow = {
  id: number;
  at: number;
  subject: string;
  subjectId: string;
  action: string;
  actor: string;
  reason: string | null;
  data: Record<string, unknown>;
};

export type VerdictRow = { at: number; gate: string; verdict: "pass" | "stop"; inputs: Record<string, unknown> };

/** What one of Mihu's outcome webhooks said; `body` is JSON without credentials. */
export type ReportRow = { event: string; at: number; body: string };

/** What an entry says, given with the change that it tells of. */
export type EntryDraft = Omit<EntryRow, "id" | "at">;

/** `next` is null on the last page. */
export type Results<T> = { rows: T[]; next: Cursor | null };

export type CallFilter = {
  readonly orderNumberKey?: string | undefined;
  readonly recordType?: string | undefined;
  readonly recordId?: string | undefined;
  readonly number?: string | undefined;
  readonly conversation?: string | undefined;
  readonly status?: CallStatus | undefined;
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
  readonly rule?: string | undefined;
  readonly line?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

export type EventFilter = {
  readonly source?: string | undefined;
  readonly orderNumberKey?: string | undefined;
  readonly state?: EventState | undefined;
};

/**
 * Something that is wrong, or that somebody should know: a code of `domain/reasons.ts` with the ids of a few of the rows that it is
 * about. `since` is `null` where nobody knows.
 */
export type Problem = { code: string; since: number | null; count: number; rows: string[] };

/** Counts of the books as Postgres has them, and the rows that break them. */
export type Balance = {
  events: { accepted: number; unplanned: number; ignored: number; planned: number };
  calls: Record<string, number>;
  gaps: Problem[];
};

/** What the service needs to be able to work. */
export type Readiness = {
  missingMigrations: string[];
  pausedLines: { line: string; reason: string; detail: string | null; since: number }[];
  /** What else is wrong, the oldest first. */
  problems: Problem[];
};

/**
 * What has come of a source. Its events are counted as far as that is not dear; `more`: there are others. `waiting`: those that wait
 * because it is paused.
 */
export type SourceTraffic = {
  source: string;
  firstAt: number | null;
  lastAt: number | null;
  lastRejectionAt: number | null;
  events: number;
  more: boolean;
  waiting: number;
};

export type LookupStore = {
  calls(filter: CallFilter, limit: number, after: Cursor | null): Promise<Results<CallRow>>;
  call(id: string): Promise<CallRow | null>;
  /** All that is written of a call and of its event, oldest first. */
  timeline(callId: string, eventId: string): Promise<{ entries: EntryRow[]; verdicts: VerdictRow[] }>;
  /** What Mihu's webhooks said about a call, oldest first. */
  reports(call: Pick<CallRow, "conversationUuid" | "mihuId">): Promise<ReportRow[]>;
  /** The calls of one conversation, oldest first. */
  conversation(uuid: string): Promise<string[]>;
  events(filter: EventFilter, limit: number, after: Cursor | null): Promise<Results<EventRow>>;
  event(id: string): Promise<WholeEventRow | null>;
  callsOfEvent(id: string): Promise<CallRow[]>;
  rejections(source: string): Promise<Rejection[]>;
  /** Of every source, or of one. */
  heard(source: string | null): Promise<SourceTraffic[]>;
  /** Fields of rules that no longer come, or come as another type. Of every source, or of one. */
  toldFields(source: string | null): Promise<ToldField[]>;
  balance(): Promise<Balance>;
  readiness(): Promise<Readiness>;
  /** Notes who read what is masked for others. */
  noteRead(entry: EntryDraft): Promise<void>;
};
