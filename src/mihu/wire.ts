/** Fields of Mihu's JSON. Each may be missing or have an undocumented type. */
import { type JsonObject, type JsonValue, readJson } from "../domain/json.ts";
import { epochMillisecondsMin } from "../domain/limits.ts";

const idCharactersMax = 200;
const urlCharactersMax = 2_000;
const summaryCharactersMax = 4_000;
const durationSecondsMax = 86_400;

/** Form of an id that may be put into a URL's path. */
const pathId = /^[\w-]{1,64}$/;

/** @returns The headers of every request to the API. */
export function requestHeaders(token: string) {
  return { authorization: `Bearer ${token}`, accept: "application/json", "user-agent": "hookline" };
}

/** @returns The JSON object in a text, or null. */
export function objectIn(text: string): JsonObject | null {
  const read = readJson(text);
  return read.ok ? objectOf(read.value) : null;
}

/** @returns The value if it is an object, else null. */
export function objectOf(value: JsonValue | undefined): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

/** @returns The content of the envelope; the body itself if there is no envelope. */
export function dataOf(body: JsonObject): JsonObject {
  return objectOf(body.data) ?? body;
}

/** @returns An id of letters, digits, `_` and `-`, at most 200 of them; an integer as text; else null. */
export function idOf(value: JsonValue | undefined): string | null {
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  if (typeof value !== "string" || value.length > idCharactersMax) return null;
  return /^[\w-]+$/.test(value) ? value : null;
}

/** @returns The id if it is allowed in a path; else null. */
export function pathIdOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && pathId.test(value) ? value : null;
}

/**
 * @returns An https URL without credentials, of at most 2,000 characters, unchanged; else null. Pages may link to it.
 */
export function httpsUrlOf(value: JsonValue | undefined): string | null {
  if (typeof value !== "string" || value.length > urlCharactersMax || /[\s<>"']/.test(value)) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && url.protocol === "https:" && url.username === "" && url.password === "" ? value : null;
}

/** @returns A text without control characters, cut at 4,000; null if nothing is left. */
export function summaryOf(value: JsonValue | undefined): string | null {
  if (typeof value !== "string") return null;
  const text = withoutControls(value).trim();
  return text === "" ? null : cutText(text, summaryCharactersMax);
}

/** @returns Whole seconds, from a number or its text; null for anything else and for more than a day. */
export function durationOf(value: JsonValue | undefined): number | null {
  const seconds = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  if (typeof seconds !== "number" || !(seconds >= 0 && seconds <= durationSecondsMax)) return null;
  // Half a second of talk must not be rounded to zero, which means no talk.
  return seconds > 0 ? Math.max(1, Math.round(seconds)) : 0;
}

/** Bounds of Mihu's times. Any other time is a mistake and counts as none. */
const [earliestMs, latestMs] = [Date.UTC(2000, 0, 1), Date.UTC(2100, 0, 1)];

/**
 * @returns Epoch milliseconds of an ISO 8601 time (UTC without a zone), or of epoch seconds or milliseconds; null for
 *   anything else, and for times before 2000 or after 2099.
 */
export function timeOf(value: JsonValue | undefined): number | null {
  const at = momentOf(value);
  return at !== null && at >= earliestMs && at < latestMs ? at : null;
}

function momentOf(value: JsonValue | undefined): number | null {
  if (typeof value === "number") return value > 0 ? (value < epochMillisecondsMin ? value * 1_000 : value) : null;
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(value)) return null;
  const iso = value.replace(" ", "T");
  const at = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(iso) ? iso : `${iso}Z`);
  return Number.isNaN(at) ? null : at;
}

/** @returns The text without control characters. Line breaks and tabs stay. */
export function withoutControls(text: string): string {
  return text.replace(/(?![\t\n\r])\p{Cc}/gu, "");
}

/** Cuts a text, never inside a surrogate pair: Postgres rejects half of one. */
export function cutText(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1).toWellFormed()}…`;
}
