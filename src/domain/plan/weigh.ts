/** Evaluates one rule for one event: a call, or the reason why the rule does not match. Pure. */
import type { Line } from "../calls/line.ts";
import type { PlannableEvent, Unfetched } from "../events/event.ts";
import { isStale } from "../events/repeated-body.ts";
import { mayWant, missingFor } from "../fetch/fetch.ts";
import { replayAgeMs } from "../limits.ts";
import { parseNumber } from "../people/phone.ts";
import { chooseZones } from "../people/zones.ts";
import { evaluateCondition } from "../rules/condition/condition.ts";
import type { MappingContext, WorkAccount } from "../rules/context.ts";
import type { Rule } from "../rules/rule.ts";
import type { Text } from "../rules/text/program.ts";
import { pathsOf, renderText } from "../rules/text/text.ts";
import { type CallDraft, emptyDraft, judged, type PlanSource, refusalDetail, skip } from "./draft.ts";
import { gate } from "./gates.ts";
import { chooseNumber } from "./number.ts";

/** Everything that a rule is evaluated against, besides its event. */
export type PlanScene = {
  readonly source: PlanSource;
  /** The lines that rules may name. */
  readonly lines: ReadonlyMap<string, Line>;
  /** The event's context for conditions and texts, by `contextOf`. */
  readonly context: MappingContext;
  readonly nowMs: number;
  /** A person gave a reason for late calls, so `expires` counts from now. */
  readonly ignoresExpiry?: boolean | undefined;
  /** Work budget shared by all rules. Absent: each event has its own. */
  readonly account?: WorkAccount;
};

/**
 * @returns The rule's result for the event, regardless of earlier rules: a call, or the reason why the rule does not
 *   match.
 */
export function weigh(rule: Rule, event: PlannableEvent, scene: PlanScene): CallDraft | "type" | "condition" {
  if (rule.on !== null && !rule.on.includes(event.type)) return "type";
  const missing = missingFor(rule, event.unfetched ?? []);
  if (missing !== null) return mayWant(rule, scene.context) ? withoutFetch(rule, missing) : "condition";
  const decided = draftCall(rule, scene, event.receivedAt);
  if (decided === null) return "condition";
  return isStale(event) ? holdStale(decided, event) : decided;
}

/** The skipped call of a rule whose record could not be fetched. */
function withoutFetch(rule: Rule, { reason, fetch, status, problem, path, tries }: Unfetched): CallDraft {
  const why = { fetch, status, problem, path, tries };
  return skip(emptyDraft(rule), reason, Object.fromEntries(Object.entries(why).filter(([, value]) => value !== null)));
}

/** If the event may be a replay, a call that would ring waits for a person instead. */
function holdStale(draft: CallDraft, { occurredAt, receivedAt }: PlannableEvent): CallDraft {
  if (draft.status !== "queued") return draft;
  const inputs = { occurred_at: occurredAt, received_at: receivedAt, age_max_ms: replayAgeMs };
  const held = { ...draft, status: "held" as const, reason: "too_old" as const, detail: null, burst: null };
  return judged(held, "age", "stop", inputs);
}

/** @returns A draft; null if the condition does not match. */
function draftCall(rule: Rule, scene: PlanScene, sinceMs: number): CallDraft | null {
  const { source, lines, context, nowMs } = scene;
  const empty = emptyDraft(rule);
  if (rule.when !== null) {
    const answer = evaluateCondition(rule.when, context);
    if (!answer.ok) return skip(empty, "condition_failed", { path: answer.path, detail: answer.detail });
    if (!answer.value) return null;
  }
  const line = lines.get(rule.line);
  if (line === undefined) return skip({ ...empty, line: null }, "line_missing", { line: rule.line });

  const picked =
    rule.mode === "test" && rule.testNumber
      ? { ok: true as const, ...testNumber(rule.testNumber), by: null }
      : chooseNumber(rule, context, source);
  if (!picked.ok) return skip(empty, picked.reason, refusalDetail(picked));

  const texts = renderTexts(rule, context);
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
    readBy: rule.countries.length === 0 ? null : picked.by,
    zone: {
      ...chooseZones(zoneOf(rule.zone, context), picked.country, source.zone, nowMs),
      path: rule.zone === null ? null : (pathsOf(rule.zone)[0] ?? null),
    },
    expiresMs: rule.expiresMs,
    burst: rule.burst,
    nowMs,
    sinceMs,
    ignoresExpiry: scene.ignoresExpiry,
  });
  if (gated.status !== "queued") return gated;
  // All texts are stored, so that people can read the call that a shadow rule would have made.
  if (rule.mode === "shadow") return { ...skip(gated, "shadow", failure), once: null, burst: null };
  if (failure === null) return judged(gated, "placeholder", "pass", {});
  const held = { ...gated, status: "held" as const, reason: "placeholder" as const, detail: failure, burst: null };
  // The value may be personal, and the verdict outlives an erasure. So only the field is named.
  return judged(held, "placeholder", "stop", { field: failure.field, path: failure.path, problem: failure.problem });
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

/**
 * @returns The rule's zone; empty if it gives none; null if it cannot be made, for example of a value that is far too
 *   long.
 */
function zoneOf(template: Text | null, context: MappingContext): string | null {
  if (template === null) return "";
  const made = renderText(template, context);
  return made.ok ? made.value : null;
}

function testNumber(e164: string): { e164: string; country: string } {
  const parsed = parseNumber(e164, null);
  return { e164, country: parsed.ok ? parsed.country : "" };
}

/**
 * @returns The turn that the call needs. A key that cannot be made is a failure, because a customer would be called
 *   twice without a key.
 */
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
