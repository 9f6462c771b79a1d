/**
 * The settings that can change at run time, and their parsers. A change is applied as a whole or not at all, and an unknown name
 * is refused: a misspelt fault without effect would make a test pass for the wrong reason.
 */

import { isRecord } from "../json.ts";
import type { Span } from "./chance.ts";
import { CALL_FAULTS, type CallFault, type MihuOutcome, OUTCOMES } from "./types.ts";

/** Faults of one outcome webhook, or of one read of a list. */
const OTHER_FAULTS = ["webhook_double", "webhook_late", "webhook_lost", "webhook_shuffle", "list_500"] as const;
export type OtherFault = (typeof OTHER_FAULTS)[number];

/** One place in the queue of faults. Its own numbers override the settings of the same name. */
export type NextFault = { fault: CallFault | "none"; hang_ms?: number; retry_after_s?: number };

type Shape<Value> = { expects: string; read: (value: unknown) => Value | undefined };

const rate: Shape<number> = { expects: "a number from 0 to 1", read: (value) => numberIn(value, 0, 1) };
const count: Shape<number> = { expects: "a number, 0 or more", read: (value) => numberIn(value, 0, Infinity) };
const flag: Shape<boolean> = {
  expects: "true or false",
  read: (value) => (typeof value === "boolean" ? value : undefined),
};
const span: Shape<Span> = { expects: "milliseconds, or { min, max }", read: readSpan };
const texts: Shape<string[]> = { expects: "a list of strings", read: (value) => listOf(value, readText) };
const seed: Shape<number> = {
  expects: "an integer",
  read: (value) => (typeof value === "number" && Number.isSafeInteger(value) ? value : undefined),
};
const backoff: Shape<number[]> = {
  expects: "a list of milliseconds",
  read: (value) => listOf(value, (item) => numberIn(item, 0, Infinity)),
};
const outcomes: Shape<Partial<Record<MihuOutcome, number>>> = {
  expects: `weights, not all 0, of ${OUTCOMES.join(", ")}`,
  read: (value) => {
    const weights = byOutcome(value, (item) => numberIn(item, 0, 1e9));
    return weights !== undefined && Object.values(weights).some((weight) => weight > 0) ? weights : undefined;
  },
};
const outcomeMs: Shape<Partial<Record<MihuOutcome, Span>>> = {
  expects: `milliseconds, or { min, max }, for any of ${OUTCOMES.join(", ")}`,
  read: (value) => byOutcome(value, readSpan),
};
const next: Shape<NextFault[]> = {
  expects: `a list of "none" or of ${CALL_FAULTS.join(", ")}, or of { fault, hang_ms?, retry_after_s? }`,
  read: (value) => listOf(value, readNext),
};

const SHAPES = {
  seed,
  next,
  ...eachRate(CALL_FAULTS),
  ...eachRate(OTHER_FAULTS),
  latency_ms: span,
  answer_latency_ms: span,
  read_latency_ms: count,
  hang_ms: count,
  retry_after_s: count,
  call_ms: span,
  outcomes,
  outcome_ms: outcomeMs,
  webhook_late_ms: span,
  webhook_retry_ms: backoff,
  any_agent: flag,
  missing_agents: texts,
  reuse_conversations: flag,
  prompt_required: flag,
  token_revoked: flag,
} satisfies Record<string, Shape<unknown>>;

type SettingName = keyof typeof SHAPES;
export type Settings = { [Name in SettingName]: (typeof SHAPES)[Name] extends Shape<infer Value> ? Value : never };

/** The body of `POST /__faults`: any of the settings. A fault in `next` may be its bare name. */
export type SettingsChange = Partial<Omit<Settings, "next">> & { next?: (NextFault | NextFault["fault"])[] };

type SettingsRead = { ok: true; changes: Partial<Settings> } | { ok: false; errors: Record<string, string> };

/** Names of all settings, for the error about an unknown one. */
export const SETTING_NAMES: readonly string[] = Object.keys(SHAPES);

/** The default settings. */
export const DEFAULT_SETTINGS: Settings = {
  seed: 1,
  next: [],
  ...allZero(CALL_FAULTS),
  ...allZero(OTHER_FAULTS),
  webhook_late: 1,
  latency_ms: 0,
  answer_latency_ms: 0,
  read_latency_ms: 0,
  hang_ms: 40_000,
  retry_after_s: 2,
  call_ms: 3_000,
  outcomes: { completed: 1 },
  outcome_ms: {},
  webhook_late_ms: 0,
  webhook_retry_ms: [1_000, 5_000, 30_000],
  any_agent: true,
  missing_agents: [],
  reuse_conversations: true,
  prompt_required: true,
  token_revoked: false,
};

/** Parses a change of settings. Each mistake names the expected form. */
export function readSettings(input: unknown): SettingsRead {
  if (!isRecord(input)) return { ok: false, errors: { body: "must be a JSON object" } };
  const errors: Record<string, string> = {};
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    if (!isSettingName(name)) {
      errors[name] = "unknown setting";
      continue;
    }
    const read = SHAPES[name].read(value);
    if (read === undefined) errors[name] = `must be ${SHAPES[name].expects}`;
    else changes[name] = read;
  }
  return Object.keys(errors).length > 0 ? { ok: false, errors } : { ok: true, changes: asSettings(changes) };
}

/** The cast holds because each value was made by the shape of its own name. */
function asSettings(changes: Record<string, unknown>): Partial<Settings> {
  return changes as Partial<Settings>;
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SHAPES, name);
}

/** The cast holds because `fromEntries` makes one key for each given name. */
function eachRate<Name extends string>(names: readonly Name[]): Record<Name, Shape<number>> {
  return Object.fromEntries(names.map((name) => [name, rate])) as Record<Name, Shape<number>>;
}

/** The cast holds for the same reason as in `eachRate`. */
function allZero<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}

function numberIn(value: unknown, least: number, most: number): number | undefined {
  return typeof value === "number" && value >= least && value <= most ? value : undefined;
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function readSpan(value: unknown): Span | undefined {
  if (!isRecord(value)) return numberIn(value, 0, Infinity);
  const min = numberIn(value.min, 0, Infinity);
  const max = numberIn(value.max, 0, Infinity);
  return min === undefined || max === undefined || max < min ? undefined : { min, max };
}

function readNext(value: unknown): NextFault | undefined {
  const entry = isRecord(value) ? value : { fault: value };
  const fault = ["none" as const, ...CALL_FAULTS].find((name) => name === entry.fault);
  const hangMs = entry.hang_ms === undefined ? undefined : numberIn(entry.hang_ms, 0, Infinity);
  const retryAfterS = entry.retry_after_s === undefined ? undefined : numberIn(entry.retry_after_s, 0, Infinity);
  if (fault === undefined) return undefined;
  if (hangMs === undefined && entry.hang_ms !== undefined) return undefined;
  if (retryAfterS === undefined && entry.retry_after_s !== undefined) return undefined;
  return {
    fault,
    ...(hangMs === undefined ? {} : { hang_ms: hangMs }),
    ...(retryAfterS === undefined ? {} : { retry_after_s: retryAfterS }),
  };
}

function listOf<Item>(value: unknown, read: (item: unknown) => Item | undefined): Item[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(read);
  return items.includes(undefined) ? undefined : items.filter((item) => item !== undefined);
}

function byOutcome<Value>(
  value: unknown,
  read: (item: unknown) => Value | undefined,
): Partial<Record<MihuOutcome, Value>> | undefined {
  if (!isRecord(value)) return undefined;
  const result: Partial<Record<MihuOutcome, Value>> = {};
  for (const [key, item] of Object.entries(value)) {
    const outcome = OUTCOMES.find((name) => name === key);
    const one = read(item);
    if (outcome === undefined || one === undefined) return undefined;
    result[outcome] = one;
  }
  return result;
}
