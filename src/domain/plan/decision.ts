/** People's decisions about calls, and the gates before a call rings because of one. Pure. */
import type { CallStatus } from "../calls/call.ts";
import type { LineVersion, VersionedLine } from "../calls/line.ts";
import type { Maker } from "../calls/rings-anyway.ts";
import { readJson } from "../json.ts";
import { burstDefault, expiresDefaultMs } from "../limits.ts";
import { parseNumber } from "../people/phone.ts";
import type { ReasonCode } from "../reasons.ts";
import { buildContext } from "../rules/context.ts";
import { parseDuration } from "../rules/duration.ts";
import type { RuleDefinition } from "../rules/rule.ts";
import { compileText } from "../rules/text/text.ts";
import { apiSource } from "./direct-call.ts";
import { type CallDraft, emptyDraft, type Verdict } from "./draft.ts";
import { gate } from "./gates.ts";
import { onceOf } from "./weigh.ts";

/**
 * Statuses from which each decision is allowed. A claimed call is canceled only if its line has not started it. A
 * further try needs a known end: a call that may still ring is never rung again.
 */
export const decidable = {
  cancel: ["queued", "held", "dialing"],
  release: ["held"],
  resolve: ["review"],
  again: ["ended", "rejected", "expired", "canceled"],
} as const satisfies Record<string, readonly CallStatus[]>;
export type Decision = keyof typeof decidable;

/** A call that a person decides about, with its rule or request. */
export type DecidedCall = {
  readonly id: string;
  readonly status: CallStatus;
  readonly source: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly mode: string;
  /** Its rule and source as they are now; null for a direct call. */
  readonly maker: Maker | null;
  readonly line: string | null;
  readonly number: string | null;
  readonly erased: boolean;
  /** Its texts that are present. */
  /** Its rendered texts. In a bulk decision only a release reads them. */
  readonly shown: {
    readonly about: string | null;
    readonly prompt: string | null;
    readonly promptOverwrite: boolean;
    readonly greeting: string | null;
  };
  readonly has: { readonly about: boolean; readonly prompt: boolean; readonly greeting: boolean };
  readonly zones: readonly string[];
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
  /** The source's country, and the version of the source that has it. */
  readonly country: string | null;
  readonly sourceVersion: number;
  /** Version of the rule that made it; null for a direct call. */
  readonly definition: RuleDefinition | null;
  /** Open time in which it must be placed, by its rule or its request. */
  readonly expires: string | null;
  readonly event: {
    readonly id: string;
    readonly externalId: string | null;
    readonly type: string;
    readonly occurredAt: number | null;
    readonly body: string;
  };
};

/**
 * The time at which a released call may ring, and the line and source whose settings determine it. Epoch milliseconds.
 */
export type DialTimes = {
  readonly line: LineVersion;
  readonly source: { readonly slug: string; readonly version: number };
  readonly dueAt: number;
  readonly closesAt: number | null;
  readonly expiresAt: number | null;
  readonly verdicts: readonly Verdict[];
};

/**
 * Checks the gates of every dial again: texts, country, calling hours.
 *
 * @param line The call's line, as it is now.
 * @param defaultCountry Country for direct calls.
 */
export function mayDial(
  call: DecidedCall,
  line: VersionedLine | null,
  defaultCountry: string | null,
  nowMs: number,
): { readonly ok: true; readonly times: DialTimes } | { readonly ok: false; readonly reason: ReasonCode } {
  if (call.erased) return { ok: false, reason: "erased" };
  if (line === null) return { ok: false, reason: "line_missing" };
  if (call.number === null) return { ok: false, reason: "no_number" };
  if (isTextMissing(call)) return { ok: false, reason: "placeholder" };
  const parsed = parseNumber(call.number, null);
  if (!parsed.ok) return { ok: false, reason: parsed.reason };
  const expires = call.expires === null ? null : parseDuration(call.expires);
  const empty = emptyDraft({
    name: call.rule,
    version: call.ruleVersion,
    mode: call.mode,
    line: line.slug,
    prompt: null,
  });
  const gated = gate(empty, {
    line,
    country: parsed.country,
    home: call.country ?? (call.source === apiSource ? defaultCountry : null),
    zone: { zones: call.zones, from: "call" },
    expiresMs: expires?.ok ? expires.ms : expiresDefaultMs,
    // A burst only waits for a person's decision, so it no longer holds the call.
    burst: burstDefault,
    nowMs,
  });
  if (gated.dueAt === null) return { ok: false, reason: gated.reason ?? "never_open" };
  const { dueAt, closesAt, expiresAt, verdicts } = gated;
  const source = { slug: call.source, version: call.sourceVersion };
  return { ok: true, times: { line, source, dueAt, closesAt, expiresAt, verdicts } };
}

/** A text of the rule that the call lacks was a placeholder. The agent would call without it. */
function isTextMissing({ has, definition }: DecidedCall): boolean {
  if (!has.about) return true;
  if (definition === null) return false;
  return (definition.prompt !== undefined && !has.prompt) || (definition.greeting !== undefined && !has.greeting);
}

/**
 * @returns The turn of the rule's `once_per` that the call takes by ringing now; null if the rule has none or its key
 *   cannot be made.
 */
export function turnOf(call: DecidedCall, nowMs: number): CallDraft["once"] {
  const oncePer = call.definition?.once_per;
  if (oncePer === undefined) return null;
  const key = compileText(oncePer.key, "value");
  const window = parseDuration(oncePer.in);
  const body = readJson(call.event.body);
  if (!key.ok || !window.ok || !body.ok) return null;
  const { id, externalId, type, occurredAt } = call.event;
  const context = buildContext({ id: externalId ?? id, type, occurredAt, source: call.source }, body.value, null);
  const made = onceOf({ key: key.text, windowMs: window.ms }, context, nowMs);
  return made.ok ? made.turn : null;
}
