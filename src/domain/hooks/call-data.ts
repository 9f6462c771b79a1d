/**
 * `data` of a call's event: the call as it was right after the entry. The row may have moved on since, so a value that
 * comes later than the entry's status is null.
 */
import { type CallStatus, transitions } from "../calls/call.ts";
import { maskNumber, maskText } from "../people/mask.ts";
import { explain } from "../reasons.ts";
import { type HookEntry, type HookedCall, statusAfter, type ToldEvent } from "./told-event.ts";

type Told = { readonly entry: HookEntry; readonly call: HookedCall; readonly event: ToldEvent };

/** Ids and a link: what anybody may see. @param told Its call is null if the row is gone. */
export function callIds(
  { entry, call, event }: Pick<Told, "entry" | "event"> & { readonly call: HookedCall | null },
  publicUrl: string | null,
) {
  return {
    id: entry.subjectId,
    sequence: event.sequence,
    final: event.final,
    event_id: call?.eventId ?? null,
    url: publicUrl === null ? null : `${publicUrl}/calls/${encodeURIComponent(entry.subjectId)}`,
  };
}

/**
 * @param pii Whether number and texts are shown. Otherwise they are masked as in the API.
 * @returns The fields in the order of the API's call, where it has them.
 */
export function callData(told: Told, { pii, publicUrl }: { readonly pii: boolean; readonly publicUrl: string | null }) {
  const { entry, call, event } = told;
  const { id, url } = callIds(told, publicUrl);
  const text = (value: string | null) => (pii ? value : maskText(value));
  const status = statusAfter(entry.action);
  const reason = reasonAfter(entry);
  const retry = retryAfter(told);
  const outcome = status === "ended";
  return {
    id,
    sequence: event.sequence,
    final: event.final,
    try: call.try,
    again_of: call.againOf,
    status,
    outcome: outcome ? call.outcome : null,
    outcome_raw: outcome ? call.outcomeRaw : null,
    reason,
    reason_text: reason === null ? null : explain(reason),
    will_retry: retry !== null,
    retry_at: retry === null ? null : iso(retry.at),
    source: call.source,
    rule: call.rule,
    rule_version: call.ruleVersion,
    mode: call.mode,
    event_id: call.eventId,
    line: call.line,
    order_number: call.orderNumber,
    record: call.recordType === null || call.recordId === null ? null : { type: call.recordType, id: call.recordId },
    number: pii ? call.number : maskNumber(call.number),
    about: text(call.about),
    summary: outcome ? text(call.summary) : null,
    recording_url: outcome ? text(call.recordingUrl) : null,
    conversation_uuid: idAfter(told, "conversation_uuid", call.conversationUuid),
    mihu_id: idAfter(told, "mihu_id", call.mihuId),
    created_at: iso(call.createdAt),
    due_at: iso(status === "queued" ? (timeOf(entry, "due_at") ?? call.dueAt) : call.dueAt),
    placed_at: wasPlaced(status) ? iso(timeOf(entry, "placed_at") ?? call.placedAt) : null,
    ended_at: outcome ? iso(call.endedAt) : null,
    duration_s: outcome ? call.durationS : null,
    url,
  };
}

/** Whether one of the fields that {@link callData} masks has a value. */
export function isPersonal({ number, about, summary, recordingUrl }: HookedCall): boolean {
  return [number, about, summary, recordingUrl].some((value) => value !== null && value !== "");
}

/** An outcome explains itself. A further try that was stopped at once has its reason in the entry's data. */
function reasonAfter({ action, reason, data }: HookEntry): string | null {
  if (action === "ended" || action === "report_added") return null;
  if (reason !== null || action !== "canceled") return reason;
  return typeof data.reason === "string" ? data.reason : null;
}

/**
 * The further try, unless it was canceled; or the return to the queue of a call that Mihu did not take, which is the
 * same try.
 */
function retryAfter({ entry, event }: Told): { readonly at: number | null } | null {
  const { action, next, call } = entry;
  if (action === "queued" && event.sequence !== null && event.sequence > 1)
    return { at: timeOf(entry, "due_at") ?? call?.dueAt ?? null };
  const isOver = event.final || action === "report_added";
  return isOver && next !== null && next.status !== "canceled" ? { at: next.dueAt } : null;
}

function wasPlaced(status: CallStatus): boolean {
  return status === "placed" || status === "ended";
}

/** An id of Mihu. A row that can move no further has the last one; of any other, the entry says it. */
function idAfter({ entry }: Told, name: string, ofRow: string | null): string | null {
  if (transitions[statusAfter(entry.action)].length === 0) return ofRow;
  const said = rowOf(entry)[name] ?? entry.data[name];
  return typeof said === "string" ? said : null;
}

/** A time that the entry names, in epoch milliseconds. */
function timeOf(entry: HookEntry, name: string): number | null {
  const said = rowOf(entry)[name] ?? entry.data[name];
  const ms = typeof said === "string" ? Date.parse(said) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** The columns that the entry set. */
function rowOf({ data }: HookEntry): Readonly<Record<string, unknown>> {
  return typeof data.row === "object" && data.row !== null ? { ...data.row } : {};
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
