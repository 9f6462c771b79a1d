/**
 * The plan of a replay: today's rules against the tries that an event already has. Pure.
 *
 * | earlier tries of the (event, rule)                   | result                                                       |
 * | ---------------------------------------------------- | ------------------------------------------------------------ |
 * | none                                                 | try 1                                                        |
 * | all ended without ringing                            | the next try, which names the last one                       |
 * | one waits (`queued`, `held`)                         | `owed`: no new call                                          |
 * | one rang, or may have                                | `already_called`: no new call                                |
 * | one rang and has ended, and a person gives a reason  | the next try, with that reason                               |
 *
 * A call whose rule's `expires` has passed is `too_old` (`expiry.ts`). An event whose bytes were already old on receipt
 * is held by its plan, in a replay too. Rules without `also` are alternatives: if one of them rang, none of the others
 * rings, even if rules were renamed or reordered since.
 */
import { type CallStatus, waitingStatuses } from "../calls/call.ts";
import type { Rule } from "../rules/rule.ts";
import type { CallDraft } from "./draft.ts";
import type { EventPlan } from "./plan.ts";

/** An existing try of an event. `also`: its rule rang beside the one that won. */
export type PastTry = {
  readonly id: string;
  readonly rule: string;
  readonly try: number;
  readonly status: CallStatus;
  readonly also: boolean;
};

/** A call that a replay makes. */
export type ReplayCall = {
  readonly draft: CallDraft;
  readonly try: number;
  /** The previous try. */
  readonly againOf: string | null;
};

/** The replay of one event. `passed`: reasons for making no call, one per rule, or one for the event. */
type ReplayPlan = { readonly calls: readonly ReplayCall[]; readonly passed: readonly string[] };

/** Statuses of a try that rang, or may have rung. */
const rang: readonly CallStatus[] = ["dialing", "unknown", "placed", "ended", "review"];
const waits: readonly CallStatus[] = waitingStatuses;

export type ReplayWish = {
  /** Only this rule's call. */
  readonly rule: string | null;
  /** Includes rules with an earlier try that rang and has ended. */
  readonly evenIfCalled: boolean;
  /** Includes calls that are too old for their rule's `expires`, which then counts from the replay. */
  readonly ignoresExpiry?: boolean;
};

/** Inputs of one event's replay, besides the event and its plan. */
type ReplayScene = {
  /** Today's rules. */
  readonly rules: readonly Pick<Rule, "name" | "also">[];
  /** All tries of the event, of any rule. */
  readonly tries: readonly PastTry[];
  readonly wish: ReplayWish;
};

/** @param plan The event's plan by today's rules. */
export function planReplay(plan: EventPlan, { rules, tries, wish }: ReplayScene): ReplayPlan {
  const drafts = plan.calls.filter(({ rule }) => wish.rule === null || rule === wish.rule);
  if (drafts.length === 0) return { calls: [], passed: [plan.reason ?? "no_rule_matched"] };
  const beside = new Set(rules.filter(({ also }) => also).map(({ name }) => name));
  const calls: ReplayCall[] = [];
  const passed: string[] = [];
  for (const draft of drafts) {
    const own = tries.filter(({ rule }) => rule === draft.rule);
    const before = beside.has(draft.rule) ? own : tries.filter((one) => one.rule === draft.rule || !one.also);
    const why = stopOf(before, wish) ?? skipOf(draft);
    if (why !== null) {
      passed.push(why);
      continue;
    }
    const last = own.reduce<PastTry | null>((latest, one) => (one.try > (latest?.try ?? 0) ? one : latest), null);
    calls.push({
      draft,
      try: (last?.try ?? 0) + 1,
      againOf: last?.id ?? null,
    });
  }
  return { calls, passed };
}

function stopOf(before: readonly PastTry[], { evenIfCalled }: ReplayWish): string | null {
  if (before.some(({ status }) => waits.includes(status))) return "owed";
  // While an earlier try may still ring there is no second one, not even with a reason.
  const forbids = evenIfCalled ? rang.filter((status) => status !== "ended") : rang;
  return before.some(({ status }) => forbids.includes(status)) ? "already_called" : null;
}

function skipOf({ status, reason }: CallDraft): string | null {
  if (status !== "skipped") return null;
  return reason === "expired" ? "too_old" : (reason ?? "plan_failed");
}
