import type { CrmRecord } from "../../domain/calls/call.ts";
import { bodyNotes } from "../../domain/events/body-notes.ts";
import { type JsonValue, readJson } from "../../domain/json.ts";
import { maskText } from "../../domain/people/mask.ts";
import { explain } from "../../domain/reasons.ts";
import type { EventRow, WholeEventRow } from "../../ports/lookups/events.ts";
import { harmlessDetail } from "../detail.ts";
import { iso } from "../moment.ts";
import { recordOf, type WaitView, waitView } from "./call.ts";

/** An event as the API shows it. Times are ISO 8601 in UTC. */
export type EventView = {
  readonly id: string;
  readonly source: string;
  readonly external_id: string | null;
  readonly type: string;
  readonly order_number: string | null;
  readonly record: CrmRecord | null;
  readonly occurred_at: string | null;
  readonly received_at: string;
  readonly planned_at: string | null;
  readonly state: string;
  readonly reason: string | null;
  readonly reason_text: string | null;
  readonly detail: Record<string, unknown> | null;
  /** The event that first had this id, with other bytes; null if this event was the first. */
  readonly conflict_of: string | null;
  /** Number of different bodies under the same id. */
  readonly conflicts: number;
  /** Time at which the latest of these bodies arrived. */
  readonly conflict_at: string | null;
  /** Time at which the body and the headers were erased. */
  readonly erased_at: string | null;
  /** Number of failed fetches and the time of the next fetch; null if the event needs no fetch. */
  readonly fetch: { readonly tries: number; readonly next_at: string | null } | null;
  /** Reason why the event has no plan yet; null if the event waits for nothing. */
  readonly waits: WaitView | null;
  /** Changes and omissions between the request and the event. */
  readonly notes: readonly { readonly note: string; readonly sentence: string }[];
  /** Its calls: those that were made, tries included, and those that a rule or a gate decided against. */
  readonly call_counts: { readonly made: number; readonly skipped: number };
};

/** @param seesAll Whether the reader may see numbers and texts. */
export function eventView(row: EventRow, seesAll: boolean): EventView {
  return {
    id: row.id,
    source: row.source,
    external_id: row.externalId,
    type: row.type,
    order_number: row.orderNumber,
    record: recordOf(row),
    occurred_at: iso(row.occurredAt),
    received_at: iso(row.receivedAt),
    planned_at: iso(row.plannedAt),
    state: row.state,
    reason: row.reason,
    reason_text: row.reason === null ? null : explain(row.reason),
    detail: seesAll ? row.detail : harmlessDetail(row.detail),
    conflict_of: row.conflictOf,
    conflicts: row.conflicts,
    conflict_at: iso(row.conflictAt),
    erased_at: iso(row.erasedAt),
    fetch:
      row.fetchAt === null
        ? null
        : { tries: row.fetchTries, next_at: row.state === "unplanned" ? iso(row.fetchAt) : null },
    waits: waitView(row.waits),
    notes: bodyNotes(row.notes),
    call_counts: row.callCounts,
  };
}

/** One event with its body and its stored headers. */
export function wholeEventView(row: WholeEventRow, seesAll: boolean) {
  return {
    ...eventView(row, seesAll),
    headers: seesAll ? row.headers : {},
    body: seesAll ? row.body : maskText(row.body),
    // Templates call this `record`. In the view that name is taken by the record that the event is about.
    fetched: row.fetched === null ? null : seesAll ? fetchedOf(row.fetched) : maskText(row.fetched),
  };
}

/** The text was valid JSON when it was stored. */
function fetchedOf(text: string): JsonValue {
  const read = readJson(text);
  return read.ok ? read.value : null;
}
