/** The lists that can be exported, each as its own answer shows it. */
import type { DeliveryState } from "../../domain/hooks/hook.ts";
import type { SuppressionStore } from "../../ports/config/suppressions.ts";
import type { DeliveryRow, DeliveryStore } from "../../ports/hooks/delivery-lookups.ts";
import type { CallFilter, CallLookups, CallRow } from "../../ports/lookups/calls.ts";
import type { ReadingLookups, ReadingsFilter } from "../../ports/lookups/entries.ts";
import type { EventFilter, EventLookups, EventRow } from "../../ports/lookups/events.ts";
import type { OrderLookups } from "../../ports/lookups/orders.ts";
import { tokensOf } from "../actors.ts";
import { type CallView, callView } from "../calls/call.ts";
import { type EventView, eventView } from "../calls/event.ts";
import { deliveryView } from "../hooks/hook.ts";
import { iso } from "../moment.ts";
import { notable } from "../notable.ts";
import { readingView } from "../people/reading.ts";
import { type Reader, seesAll } from "../reader.ts";
import { type SuppressionView, suppressionView } from "../suppression.ts";
import type { ExportedList } from "./export-list.ts";

type Given = Readonly<Record<string, unknown>>;

const callColumns = [
  ...[
    "id",
    "created_at",
    "status",
    "outcome",
    "outcome_raw",
    "reason",
    "reason_text",
    "source",
    "rule",
    "rule_version",
  ],
  ...["mode", "line", "try", "again_of", "again_reason", "order_number", "record", "event_id", "number", "due_at"],
  ...["closes_at", "expires_at", "claimed_at", "placed_at", "ended_at", "duration_s", "summary", "detail", "about"],
  ...["prompt", "prompt_overwrite", "greeting", "zones", "conversation_uuid", "contact_uuid", "mihu_id", "listen_url"],
  ...["record_url", "recording_url", "erased_at", "next_look_at", "waits", "warnings"],
] as (keyof CallView)[];

const eventColumns = [
  ...["id", "received_at", "source", "type", "order_number", "record", "state", "reason", "reason_text", "detail"],
  ...["occurred_at", "planned_at", "external_id", "conflict_of", "conflicts", "conflict_at", "erased_at", "fetch"],
  ...["waits", "notes", "call_counts"],
] as (keyof EventView)[];

const readingColumns = [
  ...["id", "at", "reader", "actor", "action", "what", "rows", "call_id", "event_id"],
] as (keyof ReturnType<typeof readingView>)[];

const suppressionColumns = ["number", "reason", "until", "created_at", "created_by"] as (keyof SuppressionView)[];

const deliveryColumns = [
  ...["id", "hook", "type", "call", "state", "reason", "reason_text", "tries", "next_at", "created_at", "done_at"],
] as (keyof ReturnType<typeof deliveryView>)[];

/** @param given The filter as it was asked for. */
export function exportedCalls(
  lookups: CallLookups,
  reader: Reader,
  filter: CallFilter,
  given: Given,
): ExportedList<CallRow> {
  return {
    name: "calls",
    columns: callColumns,
    filter: notable(given),
    page: (limit, after) => lookups.calls(filter, limit, after),
    view: (row) => callView(row, seesAll(reader)),
  };
}

export function exportedEvents(
  lookups: EventLookups,
  reader: Reader,
  filter: EventFilter,
  given: Given,
): ExportedList<EventRow> {
  return {
    name: "events",
    columns: eventColumns,
    filter: notable(given),
    page: (limit, after) => lookups.events(filter, limit, after),
    view: (row) => eventView(row, seesAll(reader)),
  };
}

/** Readings, each with the name of its reader. A page begins before the id that ended the page before. */
export function exportedReadings(
  lookups: ReadingLookups & Pick<OrderLookups, "tokenNames">,
  filter: ReadingsFilter,
): ExportedList<ReturnType<typeof readingView>> {
  return {
    name: "readings",
    columns: readingColumns,
    filter: notable(filter),
    async page(limit, after) {
      const { rows, next } = await lookups.readings(filter, limit, after === null ? null : Number(after.id));
      const names = await lookups.tokenNames(tokensOf(rows.map(({ actor }) => actor)));
      const last = rows.at(-1);
      const cursor = next === null || last === undefined ? null : { at: iso(last.at), id: String(next) };
      return { rows: rows.map((row) => readingView(row, names)), next: cursor };
    },
    view: (row) => row,
  };
}

export function exportedSuppressions(store: SuppressionStore, reader: Reader) {
  const open = seesAll(reader);
  const list: ExportedList<Parameters<typeof suppressionView>[0]> = {
    name: "suppressions",
    columns: suppressionColumns,
    filter: {},
    page: (limit, after) => store.suppressionsAfter(limit, after),
    view: (row) => suppressionView(row, open),
  };
  return list;
}

export function exportedDeliveries(
  store: DeliveryStore,
  hook: string,
  state: DeliveryState | null,
): ExportedList<DeliveryRow> {
  return {
    name: "deliveries",
    columns: deliveryColumns,
    filter: { hook, ...(state === null ? {} : { state }) },
    page: (limit, after) => store.ofHook(hook, state, limit, after),
    view: deliveryView,
  };
}
