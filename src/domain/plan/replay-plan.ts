/**
 * The plan of a replay: today's rules against the tries that an event has had already.
 *
 * | earlier tries of the (event, rule)                   | then                                                         |
 * | ---------------------------------------------------- | ------------------------------------------------------------ |
 * | none                                                 | try 1                                                        |
 * | all ended without ringing                            | the next try, which names the last one                       |
 * | one waits (`queued`, `held`)                         | `owed`: nothing is made                                      |
 * | one rang, or may have                                | `already_called`: nothing is made                            |
 * | one rang and has ended, and a person says why again  | the next try, with that reason                               |
 *
 * A call whose rule's `expires` is over by now is `too_old` (`expiry.ts`). An event whose bytes were old when they came is held by its plan,
 * in a replay as at its receipt.
 *
 * Rules without `also` are alternatives, of which one wins an event: what one of them rang is not rung by another that has since been
 * renamed or put before it. Pure.
 */
import { type CallStatus, waitingStatuses } from "../calls/call.ts";
import type { Rule } from "../rules/rule.ts";
import type { CallDraft } from "./draft.ts";
import type { EventPlan } from "./plan.ts";

/** A try that an event has had. `also`: its rule rang beside the one that won. */
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
  /** The try before it. */
  readonly againOf: string | null;
};

/** The replay of one event. `passed`: reasons for making no call, one for each rule, or one for the event. */
type ReplayPlan = { readonly calls: readonly ReplayCall[]; readonly passed: readonly string[] };

/** Statuses of a try that rang, or may have rung. */
const rang: readonly CallStatus[] = ["dialing", "unknown", "placed", "ended", "review"];
const waits: readonly CallStatus[] = waitingStatuses;

export type ReplayWish = {
  /** Only this rule's call. */
  readonly rule: string | null;
  /** Also where an earlier try rang and has ended. */
  readonly evenIfCalled: boolean;
  /** Also what is too old for its rule's `expires`, which then counts from the replay. */
  readonly ignoresExpiry?: boolean;
};

/** Everything that a replay of one event depends on besides the event and its plan. */
type ReplayScene = {
  /** Today's. */
  readonly rules: readonly Pick<Rule, "name" | "also">[];
  /** Every try of the event, of any rule. */
  readonly tries: readonly PastTry[];
  readonly wish: ReplayWish;
};

/** @param plan of the event, by today's rules */
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
