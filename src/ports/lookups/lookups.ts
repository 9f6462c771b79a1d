/** Everything that the API and the pages look up. Types only. */
import type { Rejection } from "../ingest/rejections.ts";
import type { Cursor, Results } from "../page.ts";
import type { ToldField } from "../planning/fields.ts";
import type { CallFilter, CallRow, ReportRow, VerdictRow } from "./calls.ts";
import type { EntryDraft, EntryRow } from "./entries.ts";
import type { EventFilter, EventRow, WholeEventRow } from "./events.ts";
import type { Balance, Readiness } from "./readiness.ts";
import type { SourceTraffic } from "./sources.ts";

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
