/**
 * Log lines that are safe for anyone with access to logs: one JSON object each, with secrets, phone numbers and
 * customers' texts replaced. A value is cut short unless its name or its form shows that it is harmless.
 *
 * Not guaranteed: that a name, an address or a secret without a recognisable form (`hunter2`) is found inside a
 * sentence. Never log bodies or texts, under any name.
 */
import { realClock } from "./clock.ts";

/** `debug`: events without a cause to act. */
type LogLevel = "debug" | "info" | "warn" | "error";
type LogFields = Readonly<Record<string, unknown>>;

/** Destination of log lines: `console`, or a test's own. */
type LogSink = Readonly<Record<Exclude<LogLevel, "debug">, (line: string) => void>> & {
  /** If absent, such lines are dropped. */
  readonly debug?: (line: string) => void;
};

export type Log = Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>>;

const textCharactersMax = 500;
/** Characters that are searched for secrets. A longer text is first cut to its last whole word within them. */
const searchedCharactersMax = 8_000;
const itemsMax = 20;
const fieldsMax = 40;
const depthMax = 5;
const hidden = "[hidden]";

/** A field whose name ends in one of these is always hidden. */
const hiddenLastWords = new Set(
  [
    "secret secrets token tokens jwt jwe key keys k signature signatures",
    "number numbers phone phones tel",
    "body bodies payload about prompt greeting text summary transcript headers",
  ].flatMap((words) => words.split(" ")),
);

/** A field whose name has one of these anywhere is always hidden. */
const hiddenWords = new Set(
  "authorization password passwd passphrase cookie cookies credential credentials".split(" "),
);

/** Replacements in any text, applied in this order. Digits inside a UUID, a hash or an ISO date stay. */
const replacements: readonly (readonly [RegExp, string])[] = [
  // JWS and JWE in compact form (RFC 7515 and 7516, section 3.1); both begin with a base64url `{"`.
  [/\beyJ[\w-]+\.[\w-]*\.[\w-]*(?:\.[\w-]*)*/g, "[token]"],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, "$1 [secret]"],
  [/:\/\/[^\s/?#@]+@/g, "://[secret]@"],
  [/\/in\/+([\w-]+)\/+[^\s?#"']+/g, "/in/$1/[secret]"],
  [/([?&;][\w-]*(?:key|token|secret|sig|signature|password|phone|number)=)[^\s&#"']+/gi, "$1[hidden]"],
  [/\b(?:whsec|whsk|sk|shpss|shpat|xox[a-z]|ghp|pat)[_-][\w+/=-]{8,}/g, "[secret]"],
  // With a plus sign (or its escape), seven digits count as a phone number; without it, nine. Grouping does not matter.
  [/(?:\+|%2B)[\s(]*\d(?:[\s().-]{0,3}\d){6,17}/gi, "[number]"],
  [
    /(?<![\dA-Fa-f]-?)(?!(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d))\(?\d(?:[\s().-]{0,3}\d){8,17}(?!-?[\dA-Fa-f])/g,
    "[number]",
  ],
];

/**
 * Replaces secrets and phone numbers in a text, then cuts it at 500 characters. The cut comes last, so that no half of
 * a number remains.
 */
export function scrubText(text: string): string {
  let clean = text.length > searchedCharactersMax ? text.slice(0, searchedCharactersMax).replace(/\S*$/, "") : text;
  for (const [pattern, replacement] of replacements) clean = clean.replace(pattern, replacement);
  return clean.length > textCharactersMax ? `${clean.slice(0, textCharactersMax)}…` : clean;
}

/**
 * @param value Any value. An error becomes its name, code and scrubbed message, without its stack. A value that JSON
 *   cannot represent becomes a word.
 * @returns A value for `JSON.stringify`, with every text scrubbed and every sensitive field hidden. Never throws.
 */
function scrub(value: unknown, depth = 0): unknown {
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

/** @returns The fields by name: sensitive ones hidden, the others scrubbed. */
function scrubFields(fields: object, depth: number): Record<string, unknown> {
  const clean = Object.entries(fields)
    .slice(0, fieldsMax)
    .map(([name, item]) => [
      scrubText(name),
      isSensitiveName(name) && holdsSomething(item) ? hidden : scrub(item, depth + 1),
    ]);
  return Object.fromEntries(clean);
}

/** Omits the stack and all other properties: a Postgres error holds a row in one of them. */
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

/** Whether a value is present, so that a log can show a missing secret. */
function holdsSomething(value: unknown): boolean {
  return value !== null && value !== undefined && value !== "" && typeof value !== "boolean";
}

/**
 * @param sink Writes each line at its level. Default: `console`.
 * @returns A log whose lines are `{"level","at","message",…fields}`, `at` in ISO 8601. It never throws.
 */
export function createLog(sink: LogSink = console, clock: typeof realClock = realClock): Log {
  const write = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    const at = new Date(clock.now()).toISOString();
    sink[level]?.(lineOf({ level, at, message: scrubText(message) }, fields));
  };
  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
  };
}

/** The line's own fields override given fields of the same name. */
function lineOf(own: Readonly<Record<"level" | "at" | "message", string>>, fields: LogFields): string {
  try {
    return JSON.stringify({ ...own, ...scrubFields(fields, 0), ...own });
  } catch {
    // A getter may throw. The line is written without its fields then.
    return JSON.stringify({ ...own, fields: "[unreadable]" });
  }
}

/** Number of similar lines that were left out before this one. */
type LeftOut = { readonly left_out?: number };

/**
 * Limits log lines that strangers can cause in large numbers. One line of each kind is written per interval, with the
 * number of lines that were left out before it.
 *
 * @param everyMs Interval between two lines of one kind.
 * @returns Writes or counts a line. `kind` comes from a small fixed set, because each is remembered.
 */
export function seldom(everyMs: number): (kind: string, nowMs: number, write: (before: LeftOut) => void) => void {
  const kinds = new Map<string, { writtenAt: number; leftOut: number }>();
  return (kind, nowMs, write) => {
    const known = kinds.get(kind);
    if (known !== undefined && nowMs - known.writtenAt < everyMs) {
      known.leftOut += 1;
      return;
    }
    kinds.set(kind, { writtenAt: nowMs, leftOut: 0 });
    write(known === undefined || known.leftOut === 0 ? {} : { left_out: known.leftOut });
  };
}
