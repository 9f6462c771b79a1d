/**
 * The plan: from one event, its source's rules and the time to the calls to make, or a reason for none. Pure.
 *
 * Some questions only Postgres can answer: is the number suppressed, was this customer called already, has the rule
 * made too many calls? The statement that writes the plan asks them under Postgres' locks
 * (`src/store/events/plans.ts`). The draft carries the inputs.
 *
 * Most events without a matching rule never get here, because `foreseen-end.ts` ends them when they are stored.
 *
 * A mistake in a rule cannot lose an event: each failure here becomes a call that is `skipped` or `held`, with its
 * reason.
 */
import type { CrmRecord } from "../calls/call.ts";
import type { PlannableEvent } from "../events/event.ts";
import { isStale } from "../events/repeated-body.ts";
import type { JsonValue } from "../json.ts";
import type { ReasonCode } from "../reasons.ts";
import { evaluateCondition } from "../rules/condition/condition.ts";
import { buildContext, type MappingContext } from "../rules/context.ts";
import type { Rule } from "../rules/rule.ts";
import type { SourceRules } from "../rules/source-rules.ts";
import { isSpent, planAccount } from "../rules/work-account.ts";
import { brokenDraft, type CallDraft, emptyDraft, skip } from "./draft.ts";
import { type PlanScene, weigh } from "./weigh.ts";

/** The end of an event, with its calls and withdrawals. */
export type EventPlan = {
  readonly eventId: string;
  readonly state: "planned" | "ignored";
  /** Reason why no rule matched; null if there are calls. */
  readonly reason: ReasonCode | null;
  readonly detail: Record<string, unknown> | null;
  readonly calls: readonly CallDraft[];
  /** Rules whose queued calls for this record are withdrawn by the event. */
  readonly withdraw: readonly { readonly rule: string; readonly record: CrmRecord }[];
  /** Records fetched for it. */
  readonly fetched?: JsonValue;
};

/**
 * Plans one event.
 *
 * @param event With its parsed payload.
 * @param rules The source's compiled rules, in order. The first live or test rule that matches wins, unless a later one
 *   says `also`.
 */
export function planEvent(
  event: PlannableEvent,
  { rules, broken }: SourceRules,
  given: Omit<PlanScene, "context">,
): EventPlan {
  const account = given.account ?? planAccount();
  const context = { ...contextOf(event, given.source.slug, event.data), account };
  const scene: PlanScene = { ...given, context };
  const calls: CallDraft[] = broken.map(brokenDraft);
  const stale = isStale(event);
  const withdraw: { rule: string; record: CrmRecord }[] = [];
  const notes: string[] = [];
  let won = false;
  for (const rule of rules) {
    if (rule.mode === "off") continue;
    if (withdraws(rule, event, context, notes) && event.record) {
      // An event that may be a replay must not withdraw a call.
      if (stale) notes.push(`${rule.name}: the event is too old`);
      else withdraw.push({ rule: rule.name, record: event.record });
    }
    if (won && !rule.also) continue;
    const weighed = isSpent(account) ? tooHeavy(rule, event) : weigh(rule, event, scene);
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
 * The failed call of a rule for which no work budget is left. The event might match it, so the failure is visible and
 * can be replayed.
 */
function tooHeavy(rule: Rule, { type }: PlannableEvent): CallDraft | "type" {
  if (rule.on !== null && !rule.on.includes(type)) return "type";
  return skip(emptyDraft(rule), "rules_too_heavy", { detail: "the rules before it used up the work of this event" });
}

/** Whether a rule's call takes the event from later rules. */
export function wins({ mode }: Pick<Rule, "mode">, { reason }: Pick<CallDraft, "reason">): boolean {
  // A shadow rule only observes and must not take an event from a rule that rings. A failed rule has decided nothing.
  return mode !== "shadow" && !undecided.includes(reason);
}

/** Reason why a rule could not decide. */
const undecided: readonly (ReasonCode | null)[] = [
  "condition_failed",
  "rules_too_heavy",
  "fetch_failed",
  "record_missing",
  "fetch_id_invalid",
  "not_fetched",
];

/** The context of an event for conditions and texts. */
export function contextOf(
  event: Pick<PlannableEvent, "id" | "externalId" | "type" | "occurredAt" | "fetched">,
  source: string,
  data: JsonValue,
): MappingContext {
  const { externalId, id, type, occurredAt, fetched } = event;
  return buildContext({ id: externalId ?? id, type, occurredAt, source }, data, fetched ?? null);
}

/** The end of an event without a plan: it cannot be read, Hookline itself failed on it, or its source was closed. */
export function planNothing(
  eventId: string,
  reason: "unreadable" | "plan_failed" | "source_closed_before",
  detail?: string,
): EventPlan {
  return {
    eventId,
    state: "ignored",
    reason,
    detail: detail === undefined ? null : { detail },
    calls: [],
    withdraw: [],
  };
}

function withdraws(rule: Rule, event: PlannableEvent, context: MappingContext, notes: string[]): boolean {
  if (rule.withdraw === null || event.record === null) return false;
  const answer = evaluateCondition(rule.withdraw, context);
  if (!answer.ok) notes.push(`${rule.name}: ${answer.detail}`);
  return answer.ok && answer.value;
}
