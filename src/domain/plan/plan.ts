/**
 * The plan: one event, the rules of its source and the time → the calls it is owed, or a reason for none.
 *
 * Pure. What only Postgres can know (is the number suppressed, has this customer been called already, has the rule made too many
 * calls) is asked in the statement that writes the plan, under Postgres' locks; the draft carries the questions.
 * No rule's mistake can lose an event: whatever goes wrong here is a call that was `skipped` or `held`, with its reason.
 */
import type { CallStatus, CrmRecord } from "../calls/call.ts";
import type { Line } from "../calls/line.ts";
import type { PlannableEvent, Unfetched } from "../events/event.ts";
import { isStale } from "../events/repeated-body.ts";
import { mayWant, missingFor } from "../fetch/fetch.ts";
import type { JsonValue } from "../json.ts";
import { replayAgeMs } from "../limits.ts";
import { addOpenTime, isZone, type OpenHours, openWindow, zonesOfCountry } from "../people/calling-hours.ts";
import { parseNumber, pickNumber } from "../people/phone.ts";
import type { ReasonCode } from "../reasons.ts";
import { type Condition, evaluateCondition, readsRecord } from "../rules/condition/condition.ts";
import { buildContext, type MappingContext } from "../rules/context.ts";
import type { Rule } from "../rules/rule.ts";
import type { SourceRules } from "../rules/source-rules.ts";
import { pathsOf, renderText, type Text } from "../rules/text/text.ts";

/** What the plan must know of an event's source. */
export type PlanSource = { readonly slug: string; readonly country: string | null; readonly zone: string | null };

/** What a gate answered, with what it looked at. */
export type Verdict = {
  readonly gate: string;
  readonly verdict: "pass" | "stop";
  readonly inputs: Record<string, unknown>;
};

/** A call as the plan wants it; Postgres has the last word on `once` and `burst`. */
export type CallDraft = {
  readonly rule: string;
  readonly ruleVersion: number;
  readonly mode: string;
  readonly line: string | null;
  readonly status: Extract<CallStatus, "queued" | "held" | "skipped">;
  readonly reason: ReasonCode | null;
  readonly detail: Record<string, unknown> | null;
  readonly number: string | null;
  readonly country: string | null;
  readonly about: string | null;
  readonly prompt: string | null;
  readonly promptOverwrite: boolean;
  readonly greeting: string | null;
  readonly zones: readonly string[];
  readonly dueAt: number | null;
  readonly closesAt: number | null;
  readonly expiresAt: number | null;
  readonly once: { readonly key: string; readonly until: number } | null;
  readonly burst: { readonly calls: number; readonly window: number } | null;
  readonly verdicts: readonly Verdict[];
};

/** How an event ends, and what it makes happen. */
export type EventPlan = {
  readonly eventId: string;
  readonly state: "planned" | "ignored";
  /** Why no rule wanted it; `null` when it has calls. */
  readonly reason: ReasonCode | null;
  readonly detail: Record<string, unknown> | null;
  readonly calls: readonly CallDraft[];
  /** Rules whose waiting calls of this record the event withdraws. */
  readonly withdraw: readonly { readonly rule: string; readonly record: CrmRecord }[];
  /** What was fetched for it. */
  readonly fetched?: JsonValue;
};

/**
 * @param event the event, its payload parsed
 * @param source where it came from
 * @param rules the source's, compiled, in their order; the first live or test rule that matches wins, unless a later one says `also`
 * @param lines the lines that rules may name
 * @param nowMs the time
 */
export function planEvent(
  event: PlannableEvent,
  source: PlanSource,
  { rules, broken }: SourceRules,
  lines: ReadonlyMap<string, Line>,
  nowMs: number,
): EventPlan {
  const context = contextOf(event, source.slug, event.data);
  const calls: CallDraft[] = broken.map(brokenDraft);
  const stale = isStale(event);
  const withdraw: { rule: string; record: CrmRecord }[] = [];
  const notes: string[] = [];
  let won = false;
  for (const rule of rules) {
    if (rule.mode === "off") continue;
    if (withdraws(rule, event, context, notes) && event.record) {
      // What may be a replay must not take back what is owed.
      if (stale) notes.push(`${rule.name}: the event is too old`);
      else withdraw.push({ rule: rule.name, record: event.record });
    }
    if (won && !rule.also) continue;
    const weighed = weigh(rule, event, source, lines, context, nowMs);
    if (typeof weighed === "string") continue;
    calls.push(weighed);
    if (wins(rule, weighed)) won = true;
  }
  const detail = notes.length > 0 ? { withdraw_failed: notes } : null;
  if (calls.length > 0) return { eventId: event.id, state: "planned", reason: null, detail, calls, withdraw };
  const reason = withdraw.length > 0 ? "withdraws_only" : rules.length === 0 ? "no_rules" : "no_rule_matched";
  return { eventId: event.id, state: "ignored", reason, detail, calls, withdraw };
}

/**
 * What one rule makes of an event, whoever comes before it: a call, or why the event is not the rule's.
 *
 * @param context of the event, by {@link contextOf}
 */
export function weigh(
  rule: Rule,
  event: PlannableEvent,
  source: PlanSource,
  lines: ReadonlyMap<string, Line>,
  context: MappingContext,
  nowMs: number,
): CallDraft | "type" | "condition" {
  if (rule.on !== null && !rule.on.includes(event.type)) return "type";
  const missing = missingFor(rule, event.unfetched ?? []);
  if (missing !== null) return mayWant(rule, context) ? withoutFetch(rule, missing) : "condition";
  const decided = decide(rule, source, lines, context, nowMs, event.receivedAt);
  if (decided === null) return "condition";
  return isStale(event) ? holdStale(decided, event) : decided;
}

/** Whether a rule's call takes the event from the rules behind it. */
export function wins({ mode }: Pick<Rule, "mode">, { reason }: Pick<CallDraft, "reason">): boolean {
  // A rule in shadow only looks: it must not take an event from a rule that rings. One that failed has decided nothing.
  return mode !== "shadow" && !undecided.includes(reason);
}

/** Why a rule could not decide. */
const undecided: readonly (ReasonCode | null)[] = [
  "condition_failed",
  "fetch_failed",
  "record_missing",
  "fetch_id_invalid",
  "not_fetched",
];

/** What a rule wants to know could not be had. */
function withoutFetch(rule: Rule, { reason, fetch, status, problem, path, tries }: Unfetched): CallDraft {
  const why = { fetch, status, problem, path, tries };
  return skip(emptyDraft(rule), reason, Object.fromEntries(Object.entries(why).filter(([, value]) => value !== null)));
}

/** A call that would ring because of an event that may be a replay waits for a person. */
function holdStale(draft: CallDraft, { occurredAt, receivedAt }: PlannableEvent): CallDraft {
  if (draft.status !== "queued") return draft;
  const inputs = { occurred_at: occurredAt, received_at: receivedAt, age_max_ms: replayAgeMs };
  const held = { ...draft, status: "held" as const, reason: "too_old" as const, detail: null, burst: null };
  return judged(held, "age", "stop", inputs);
}

/**
 * Whether an event will be ignored, as far as its type and the rules' conditions tell: its end can then be written with it, and it
 * needs no plan. The plan comes to the same; whatever is not plain is left to it.
 *
 * @param contextOf what conditions read; asked for once one has to be evaluated. `null`: it cannot be read
 * @returns the reason it will be ignored for; `null` when it has to be planned
 */
export function foreseenEnd(
  { rules, broken }: SourceRules,
  event: Pick<PlannableEvent, "type" | "record">,
  contextOf: () => MappingContext | null,
): ReasonCode | null {
  if (broken.length > 0) return null;
  let context: MappingContext | null = null;
  const isFalse = (condition: Condition): boolean => {
    context ??= contextOf();
    const answer = context === null ? null : evaluateCondition(condition, context);
    return answer?.ok === true && !answer.value;
  };
  for (const rule of rules) {
    if (rule.mode === "off") continue;
    const asked = rule.on === null || rule.on.includes(event.type);
    // What will be fetched is not there yet: without it a condition says nothing.
    const later = asked && rule.fetch.length > 0;
    if (rule.withdraw !== null && event.record !== null) {
      if (later && readsRecord(rule.withdraw)) return null;
      if (!isFalse(rule.withdraw)) return null;
    }
    if (!asked) continue;
    if (rule.when === null || !(later ? rule.early.some(isFalse) : isFalse(rule.when))) return null;
  }
  return rules.length === 0 ? "no_rules" : "no_rule_matched";
}

/** What the conditions and texts of an event's source may read of it. */
export function contextOf(
  event: Pick<PlannableEvent, "id" | "externalId" | "type" | "occurredAt" | "fetched">,
  source: string,
  data: JsonValue,
): MappingContext {
  const { externalId, id, type, occurredAt, fetched } = event;
  return buildContext({ id: externalId ?? id, type, occurredAt, source }, data, fetched ?? null);
}

/** A rule that no longer compiles decides nothing and says so. */
function brokenDraft(rule: { name: string; version: number; reason: string }): CallDraft {
  const empty = emptyDraft({ name: rule.name, version: rule.version, mode: "live", line: "", prompt: null });
  return skip({ ...empty, line: null }, "rule_broken", { detail: rule.reason });
}

/** The end of an event that cannot be read, or that Hookline itself failed on: it is kept and says so. */
export function planNothing(eventId: string, reason: "unreadable" | "plan_failed", detail: string): EventPlan {
  return { eventId, state: "ignored", reason, detail: { detail }, calls: [], withdraw: [] };
}

function withdraws(rule: Rule, event: PlannableEvent, context: MappingContext, notes: string[]): boolean {
  if (rule.withdraw === null || event.record === null) return false;
  const answer = evaluateCondition(rule.withdraw, context);
  if (!answer.ok) notes.push(`${rule.name}: ${answer.detail}`);
  return answer.ok && answer.value;
}

/** @returns a draft, or `null` when the condition says that this event is not the rule's. */
function decide(
  rule: Rule,
  source: PlanSource,
  lines: ReadonlyMap<string, Line>,
  context: MappingContext,
  nowMs: number,
  sinceMs: number,
): CallDraft | null {
  const empty = emptyDraft(rule);
  if (rule.when !== null) {
    const answer = evaluateCondition(rule.when, context);
    if (!answer.ok) return skip(empty, "condition_failed", { path: answer.path, detail: answer.detail });
    if (!answer.value) return null;
  }
  const line = lines.get(rule.line);
  if (line === undefined) return skip({ ...empty, line: null }, "line_missing", { line: rule.line });

  const candidates = rule.numbers.map((template) => renderPlain(template, context));
  const picked =
    rule.mode === "test" && rule.testNumber
      ? { ok: true as const, ...testNumber(rule.testNumber) }
      : pickNumber(candidates, source.country);
  if (!picked.ok) return skip(empty, picked.reason, { detail: picked.detail });

  const texts = renderTexts(rule, context);
  const zone = rule.zone ? renderPlain(rule.zone, context) : "";
  const once = onceOf(rule.oncePer, context, nowMs);
  const failure = texts.failure ?? (once.ok ? null : once.failure);
  const wanted = {
    ...empty,
    number: picked.e164,
    country: picked.country,
    about: texts.about,
    prompt: texts.prompt,
    greeting: texts.greeting,
    once: once.ok ? once.turn : null,
  };
  const gated = gate(wanted, {
    line,
    country: picked.country,
    home: source.country,
    zone: isZone(zone) ? { zones: [zone], from: "rule" } : zonesFor(source, picked.country),
    expiresMs: rule.expiresMs,
    burst: rule.burst,
    nowMs,
    sinceMs,
  });
  if (gated.status !== "queued") return gated;
  // All texts are kept, so that what a shadow would have said can be read.
  if (rule.mode === "shadow") return { ...skip(gated, "shadow", failure), once: null, burst: null };
  if (failure === null) return judged(gated, "placeholder", "pass", {});
  const held = { ...gated, status: "held" as const, reason: "placeholder" as const, detail: failure, burst: null };
  // What it met may be a person's; the verdict stays when that is erased, and says only where it stood.
  return judged(held, "placeholder", "stop", { field: failure.field, path: failure.path, problem: failure.problem });
}

/** What the gates of every dial look at before a call is queued, however it was asked for. */
export type GateInputs = {
  readonly line: Line;
  /** The country of the parsed number. */
  readonly country: string;
  /** The source's own country: the only one allowed where the line names none. */
  readonly home: string | null;
  readonly zone: { readonly zones: readonly string[]; readonly from: string };
  readonly expiresMs: number;
  readonly burst: { readonly calls: number; readonly windowMs: number };
  readonly nowMs: number;
  /** Not before this time, when somebody asked for one. */
  readonly dueAtMs?: number;
  /** Since when the call is owed: `expires` counts from then, however late it is planned. Absent: from now. */
  readonly sinceMs?: number;
};

/**
 * Asks the gates that a plan can ask: the country, the calling hours, whether it can be in time at all.
 *
 * @returns the draft, queued with its times, or skipped with the reason
 */
export function gate(draft: CallDraft, inputs: GateInputs): CallDraft {
  const { line, zone, nowMs } = inputs;
  const countries = line.countries ?? (inputs.home === null ? [] : [inputs.home]);
  const countryInputs = { country: inputs.country, allowed: countries, line: line.slug };
  if (!countries.includes(inputs.country))
    return judged(skip(draft, "country_not_allowed", countryInputs), "countries", "stop", countryInputs);
  const passed = judged(draft, "countries", "pass", countryInputs);

  const from = Math.max(nowMs, inputs.dueAtMs ?? nowMs);
  const window = openWindow(line.hours, [...zone.zones], from);
  const hoursInputs = { zones: zone.zones, zone_from: zone.from, hours: line.hours !== null };
  if (window === null) return judged(skip(passed, "never_open", hoursInputs), "hours", "stop", hoursInputs);
  // A clock that is ahead of this one makes nothing younger than now.
  const since = Math.min(inputs.sinceMs ?? nowMs, nowMs);
  const expiresAt = addOpenTime(
    line.hours,
    [...zone.zones],
    Math.max(since, inputs.dueAtMs ?? since),
    inputs.expiresMs,
  );
  if (expiresAt !== null && expiresAt <= nowMs) {
    const lateInputs = { owed_at: since, expires_at: expiresAt };
    return judged(skip({ ...passed, zones: zone.zones }, "expired", lateInputs), "expires", "stop", lateInputs);
  }
  const times = {
    zones: zone.zones,
    dueAt: Math.max(from, window.opensAtMs),
    closesAt: Number.isFinite(window.closesAtMs) ? window.closesAtMs : null,
    expiresAt,
    burst: { calls: inputs.burst.calls, window: Math.floor(nowMs / inputs.burst.windowMs) * inputs.burst.windowMs },
  };
  return judged({ ...passed, ...times, status: "queued", reason: null }, "hours", "pass", {
    ...hoursInputs,
    due_at: times.dueAt,
    expires_at: expiresAt,
  });
}

/** The window and the end of a call that waits, asked anew: its line's hours changed, or its window has passed. */
export function nextWindow(
  hours: OpenHours | null,
  zones: readonly string[],
  nowMs: number,
): { dueAt: number; closesAt: number | null } | null {
  const window = openWindow(hours, [...zones], nowMs);
  if (window === null) return null;
  return {
    dueAt: Math.max(nowMs, window.opensAtMs),
    closesAt: Number.isFinite(window.closesAtMs) ? window.closesAtMs : null,
  };
}

/** The zones to go by when the rule names none: all that the number's country has, else the source's. */
export function zonesFor(source: PlanSource, country: string): { zones: readonly string[]; from: string } {
  const zones = zonesOfCountry(country);
  if (zones.length > 0) return { zones, from: "number" };
  return source.zone === null ? { zones: ["UTC"], from: "none" } : { zones: [source.zone], from: "source" };
}

/** A draft that wants nothing yet. */
export function emptyDraft(rule: {
  name: string;
  version: number;
  mode: string;
  line: string;
  prompt: { overwrite: boolean } | null;
}): CallDraft {
  return {
    rule: rule.name,
    ruleVersion: rule.version,
    mode: rule.mode,
    line: rule.line,
    status: "skipped",
    reason: null,
    detail: null,
    number: null,
    country: null,
    about: null,
    prompt: null,
    promptOverwrite: rule.prompt?.overwrite ?? false,
    greeting: null,
    zones: [],
    dueAt: null,
    closesAt: null,
    expiresAt: null,
    once: null,
    burst: null,
    verdicts: [],
  };
}

/** The draft, skipped for a reason. */
export function skip(draft: CallDraft, reason: ReasonCode, detail: Record<string, unknown> | null): CallDraft {
  return { ...draft, status: "skipped", reason, detail };
}

function judged(
  draft: CallDraft,
  gateName: string,
  verdict: "pass" | "stop",
  inputs: Record<string, unknown>,
): CallDraft {
  return { ...draft, verdicts: [...draft.verdicts, { gate: gateName, verdict, inputs }] };
}

function renderTexts(
  rule: Rule,
  context: MappingContext,
): { about: string | null; prompt: string | null; greeting: string | null; failure: Record<string, unknown> | null } {
  let failure: Record<string, unknown> | null = null;
  const one = (field: string, template: Text | null): string | null => {
    if (template === null) return null;
    const made = renderText(template, context);
    if (made.ok) return made.value;
    failure ??= { field, path: made.path, problem: made.reason, detail: made.detail };
    return null;
  };
  const about = one("about", rule.about);
  const prompt = one("prompt", rule.prompt?.text ?? null);
  const greeting = one("greeting", rule.greeting);
  return { about, prompt, greeting, failure };
}

function renderPlain(template: Text, context: MappingContext): string {
  const made = renderText(template, context);
  return made.ok ? made.value.trim() : "";
}

function testNumber(e164: string): { e164: string; country: string } {
  const parsed = parseNumber(e164, null);
  return { e164, country: parsed.ok ? parsed.country : "" };
}

/** @returns the turn that the call wants; a key that cannot be made is a failure, because without one a customer is rung twice */
export function onceOf(
  oncePer: Rule["oncePer"],
  context: MappingContext,
  nowMs: number,
): { ok: true; turn: CallDraft["once"] } | { ok: false; failure: Record<string, unknown> } {
  if (oncePer === null) return { ok: true, turn: null };
  const made = renderText(oncePer.key, context);
  const key = made.ok ? made.value.trim() : "";
  if (key !== "") return { ok: true, turn: { key, until: nowMs + oncePer.windowMs } };
  const [path = null] = pathsOf(oncePer.key);
  const why = made.ok
    ? { path, problem: "placeholder", detail: "the key is empty" }
    : { path: made.path ?? path, problem: made.reason, detail: made.detail };
  return { ok: false, failure: { field: "once_per.key", ...why } };
}
