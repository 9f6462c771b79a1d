/**
 * Parses Mihu's outcome webhooks for the conversations and calls that they name. The conversations and calls are then
 * read from Mihu.
 *
 * Bodies contain credentials, phone numbers and transcripts. The result holds the event's name, ids of a strict form,
 * and the report without credentials, cut to a bounded length. The report is stored for people and decides nothing.
 */
import { type JsonObject, type JsonValue, readJson } from "../domain/json.ts";
import type { WebhookReport } from "../ports/calling/outcome-webhooks.ts";
import { stripCredentials } from "./credentials.ts";
import { cutText, idOf, objectOf, pathIdOf } from "./wire.ts";

/** Characters of a stored report: enough for the transcript of some minutes. Longer ones are cut, values first. */
const reportCharactersMax = 16_384;

/** Reports in one body. Mihu is not known to batch them, but an array is accepted. */
const reportsMax = 100;

/** Ids of a report's subject, the most specific first. */
const aboutIds = ["session_evaluation_uuid", "call_id", "call_uuid", "session_uuid", "conversation_uuid"] as const;

/** Steps of cutting a report: characters of a text, and items of a list. The first step that makes it fit is used. */
const cuts = [
  [4_000, 200],
  [1_000, 50],
  [200, 20],
  [50, 5],
] as const;

/** A parsed webhook. `event` is `""` if the report names none. */
type MihuWebhook =
  | { readonly ok: true; readonly reports: readonly WebhookReport[] }
  | { readonly ok: false; readonly reason: "empty" | "not_json" | "too_deep" | "not_an_object" };

/**
 * @param text The body. Its signature was checked before.
 * @returns Its reports, including those that name no conversation. Never throws.
 */
export function readMihuWebhook(text: string): MihuWebhook {
  const read = readJson(text);
  if (!read.ok) return { ok: false, reason: read.reason };
  const reports = reportsIn(read.value);
  return reports.length === 0 ? { ok: false, reason: "not_an_object" } : { ok: true, reports: reports.map(reportOf) };
}

function reportsIn(value: JsonValue): JsonObject[] {
  const items = Array.isArray(value) ? value.slice(0, reportsMax) : [value];
  return items.map((item) => objectOf(item)).filter((item) => item !== null);
}

function reportOf(report: JsonObject): WebhookReport {
  const data = objectOf(report.data) ?? report;
  const id = (name: string) => idOf(data[name]) ?? idOf(report[name]);
  return {
    event: eventOf(report.event) ?? "",
    conversationUuid: pathIdOf(data.conversation_uuid) ?? pathIdOf(report.conversation_uuid),
    mihuId: id("call_id") ?? id("call_uuid"),
    about: aboutIds.map(id).find((one) => one !== null) ?? "",
    body: bodyOf(stripCredentials(report)),
  };
}

function eventOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && /^[\w.:-]{1,64}$/.test(value) ? value : null;
}

/** The report as JSON of a bounded length. */
function bodyOf(report: JsonValue): string {
  const whole = JSON.stringify(report);
  if (whole.length <= reportCharactersMax) return whole;
  for (const [characters, items] of cuts) {
    const shorter = JSON.stringify(shortened(report, characters, items));
    if (shorter.length <= reportCharactersMax) return shorter;
  }
  return '{"cut":"longer than any report is"}';
}

function shortened(value: JsonValue, characters: number, items: number): JsonValue {
  if (typeof value === "string") return cutText(value, characters);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.slice(0, items).map((item) => shortened(item, characters, items));
  const fields = Object.entries(value).slice(0, items);
  return Object.fromEntries(
    fields.map(([name, item]) => [cutText(name, characters), shortened(item, characters, items)]),
  );
}
