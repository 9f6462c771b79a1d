/**
 * Mihu's outcome webhooks: what may be believed of them before Mihu is asked itself, which is whom they are about.
 *
 * Bodies were seen to carry credentials (`data.fields`: `Authorization`, `api_key`, `account_domain`), numbers and
 * transcripts. Nothing leaves this file but an event's name and ids of a strict form, so nothing of that can be stored.
 */
import { type JsonObject, type JsonValue, readJson } from "../domain/json.ts";
import { idOf, objectOf, pathIdOf } from "./wire.ts";

export { verifyMihuSignature } from "./signature.ts";

/** Reports in one body. None is known to be sent together; an array is read all the same. */
const reportsMax = 100;

/** What a webhook says. `event` is `""` where it names none; `callId` is of the first report that has one. */
export type MihuWebhook =
  | { readonly ok: true; readonly event: string; readonly conversationUuids: string[]; readonly callId: string | null }
  | { readonly ok: false; readonly reason: "empty" | "not_json" | "too_deep" | "not_an_object" | "no_conversation" };

/**
 * @param text The body, whose signature was checked before.
 * @returns Whom it is about: each conversation once. Never throws.
 */
export function readMihuWebhook(text: string): MihuWebhook {
  const read = readJson(text);
  if (!read.ok) return { ok: false, reason: read.reason };
  const reports = reportsIn(read.value);
  if (reports.length === 0) return { ok: false, reason: "not_an_object" };
  const datas = reports.map((report) => objectOf(report.data) ?? report);
  const conversationUuids = unique([...datas, ...reports].map((data) => pathIdOf(data.conversation_uuid)));
  if (conversationUuids.length === 0) return { ok: false, reason: "no_conversation" };
  const [event] = unique(reports.map((report) => eventOf(report.event)));
  const [callId] = unique([...datas, ...reports].map((data) => idOf(data.call_id)));
  return { ok: true, event: event ?? "", conversationUuids, callId: callId ?? null };
}

function reportsIn(value: JsonValue): JsonObject[] {
  const items = Array.isArray(value) ? value.slice(0, reportsMax) : [value];
  return items.map((item) => objectOf(item)).filter((item) => item !== null);
}

function eventOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && /^[\w.:-]{1,64}$/.test(value) ? value : null;
}

function unique(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
