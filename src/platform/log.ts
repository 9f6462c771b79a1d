/**
 * Log lines that may be shown to anyone who may see logs: one JSON object each, with secrets, phone numbers and what was
 * said to customers replaced. What cannot be known for harmless by its name or its form is cut short, not trusted.
 *
 * Not guaranteed: that a name, an address or a secret without any form (`hunter2`) is found inside a sentence. Do not log
 * bodies and texts, under whatever name.
 */
import { realClock } from "./clock.ts";

export type LogLevel = "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, unknown>>;

/** Where lines go: `console`, or a test's own. */
export type LogSink = Readonly<Record<LogLevel, (line: string) => void>>;

export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

const textCharactersMax = 500;
/** Of a longer text only this much is looked at, and no word that the cut went through. */
const searchedCharactersMax = 8_000;
const itemsMax = 20;
const fieldsMax = 40;
const depthMax = 5;
const hidden = "[hidden]";

/** A field whose name ends in one of these is never shown, whatever it holds. */
const hiddenLastWords = new Set(
  [
    "secret secrets token tokens jwt jwe key keys k signature signatures",
    "number numbers phone phones tel",
    "body bodies payload about prompt greeting text summary transcript headers",
  ].flatMap((words) => words.split(" ")),
);

/** A field whose name has one of these anywhere is never shown. */
const hiddenWords = new Set(
  "authorization password passwd passphrase cookie cookies credential credentials".split(" "),
);

/**
 * What is replaced in any text, in this order. Digits that are part of an UUID, a hash or an ISO date stay.
 */
const replacements: readonly (readonly [RegExp, string])[] = [
  // JWS and JWE in compact form (RFC 7515 and 7516, section 3.1); both begin with a base64url `{"`.
  [/\beyJ[\w-]+\.[\w-]*\.[\w-]*(?:\.[\w-]*)*/g, "[token]"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 [secret]"],
  [/:\/\/[^\s/?#@]+@/g, "://[secret]@"],
  [/\/in\/([\w-]+)\/[^\s?#/"']+/g, "/in/$1/[secret]"],
  [/([?&;][\w-]*(?:key|token|secret|sig|signature|password|phone|number)=)[^\s&#"']+/gi, "$1[hidden]"],
  [/\b(?:whsec|whsk|sk|shpss|shpat|xox[a-z]|ghp|pat)[_-][\w+/=-]{8,}/g, "[secret]"],
  // With a plus (or its escape) seven digits are a number; without, nine, however they are grouped.
  [/(?:\+|%2B)[\s(]*\d(?:[\s().-]{0,3}\d){6,17}/gi, "[number]"],
  [
    /(?<![\dA-Fa-f]-?)(?!(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d))\(?\d(?:[\s().-]{0,3}\d){8,17}(?!-?[\dA-Fa-f])/g,
    "[number]",
  ],
];

/**
 * Replaces secrets and phone numbers in a text, and cuts it at 500 characters. Replaced first and cut then: half a number
 * is not left over.
 */
export function scrubText(text: string): string {
  let clean = text.length > searchedCharactersMax ? text.slice(0, searchedCharactersMax).replace(/\S*$/, "") : text;
  for (const [pattern, replacement] of replacements) clean = clean.replace(pattern, replacement);
  return clean.length > textCharactersMax ? `${clean.slice(0, textCharactersMax)}…` : clean;
}

/**
 * @param value Anything at all: an error becomes its name, code and scrubbed message, without its stack; what is no JSON
 * becomes a word.
 * @returns A value that `JSON.stringify` takes, with every text scrubbed and every telling name hidden. Never throws.
 */
export function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return scrubText(value);
  if (value === null || value === undefined || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return scrubText(String(value));
  if (typeof value !== "object") return `[${typeof value}]`;
  if (value instanceof Error) return scrubError(value);
  if (depth >= depthMax) return "[deep]";
  if (Array.isArray(value)) return value.slice(0, itemsMax).map((item) => scrub(item, depth + 1));
  return scrubFields(value, depth);
}

/** @returns The fields by name, those with a telling name hidden, the others scrubbed. */
function scrubFields(fields: object, depth: number): Record<string, unknown> {
  const clean = Object.entries(fields)
    .slice(0, fieldsMax)
    .map(([name, item]) => [
      scrubText(name),
      isSensitiveName(name) && holdsSomething(item) ? hidden : scrub(item, depth + 1),
    ]);
  return Object.fromEntries(clean);
}

/** Not its stack, nor any other property: a database's error has the row that it met in one of them. */
function scrubError(error: Error): { name: string; code?: string; message: string } {
  const code = "code" in error && typeof error.code === "string" ? scrubText(error.code) : undefined;
  const message = scrubText(error.message);
  return code === undefined ? { name: error.name, message } : { name: error.name, code, message };
}

function isSensitiveName(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
  return hiddenLastWords.has(words.at(-1) ?? "") || words.some((word) => hiddenWords.has(word));
}

/** That a secret is missing is worth knowing. */
function holdsSomething(value: unknown): boolean {
  return value !== null && value !== undefined && value !== "" && typeof value !== "boolean";
}

/**
 * @param sink Takes each line at its level; `console` when absent.
 * @returns A log whose lines are `{"level","at","message",…fields}`, `at` in ISO 8601. It never throws.
 */
export function createLog(sink: LogSink = console, clock: typeof realClock = realClock): Log {
  const write = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    const at = new Date(clock.now()).toISOString();
    sink[level](lineOf({ level, at, message: scrubText(message) }, fields));
  };
  return {
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
  };
}

/** The line's own fields win over given ones of the same name. */
function lineOf(own: Readonly<Record<"level" | "at" | "message", string>>, fields: LogFields): string {
  try {
    return JSON.stringify({ ...own, ...scrubFields(fields, 0), ...own });
  } catch {
    // A getter that throws, for one: the line matters more than its fields.
    return JSON.stringify({ ...own, fields: "[unreadable]" });
  }
}
