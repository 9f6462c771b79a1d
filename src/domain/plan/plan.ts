/**
 * The plan: one event, the rules of its source and the time → the calls it is owed, or a reason for none.
 *
 * Pure. Questions that only Postgres can answer (is the number suppressed, has this customer been called already, has the rule made too
 * many calls) are asked in the statement that writes the plan (`src/store/events/plans.ts`), under Postgres' locks. The draft carries them.
 * Most events that no rule wants never come here: `foreseen-end.ts` ends them as they are stored.
 * No rule's mistake can lose an event: each failure here is a call that was `skipped` or `held`, with its reason.
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
  /** Why no rule wanted it; `null` when it has calls. */
  readonly reason: ReasonCode | null;
  readonly detail: Record<string, unknown> | null;
  readonly calls: readonly CallDraft[];
  /** Rules whose waiting calls of this record the event withdraws. */
  readonly withdraw: readonly { readonly rule: string; readonly record: CrmRecord }[];
  /** Records fetched for it. */
  readonly fetched?: JsonValue;
};

/**
 * Plans one event.
 *
 * @param event its payload parsed
 * @param rules the source's, compiled, in their order; the first live or test rule that matches wins, unless a later one says `also`
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
      // A possible replay must not withdraw a call that is owed.
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

/** The failed call of a rule for which no work is left: the event may be its own, so it is told and can be replayed. */
function tooHeavy(rule: Rule, { type }: PlannableEvent): CallDraft | "type" {
  if (rule.on !== null && !rule.on.includes(type)) return "type";
  return skip(emptyDraft(rule), "rules_too_heavy", { detail: "the rules before it used up the work of this event" });
}

/** Whether a rule's call takes the event from the rules behind it. */
export function wins({ mode }: Pick<Rule, "mode">, { reason }: Pick<CallDraft, "reason">): boolean {
  // A rule in shadow only looks: it must not take an event from a rule that rings. One that failed has decided nothing.
  return mode !== "shadow" && !undecided.includes(reason);
}

/** Why a rule could not decide. */
const undecided: readonly (ReasonCode | null)[] = [
  "condition_failed",
  "rules_too_heavy",
  "fetch_failed",
  "record_missing",
  "fetch_id_invalid",
  "not_fetched",
];

/** The context of an event, as conditions and texts read it. */
export function contextOf(
  event: Pick<PlannableEvent, "id" | "externalId" | "type" | "occurredAt" | "fetched">,
  source: string,
  data: JsonValue,
): MappingContext {
  const { externalId, id, type, occurredAt, fetched } = event;
  return buildContext({ id: externalId ?? id, type, occurredAt, source }, data, fetched ?? null);
}

/** The end of an event that is not planned: it cannot be read, Hookline itself failed on it, or its source was closed. */
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
