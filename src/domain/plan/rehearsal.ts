/**
 * A rehearsal: the calls that rules make of stored events, in their order, without writing anything. Pure.
 *
 * The plan itself decides. The gates that Postgres would check (`once_per`, `burst`, suppression, withdrawal) are
 * checked against the rehearsed events alone.
 *
 * Not guaranteed: the same result as a live run. Turns and bursts are empty before the first event. A queued call is
 * withdrawn by a later event of its record only if it is due after that event.
 */
import type { CallStatus } from "../calls/call.ts";
import type { PlannableEvent } from "../events/event.ts";
import { asLive } from "../rules/rule.ts";
import type { SourceRules } from "../rules/source-rules.ts";
import type { CallDraft } from "./draft.ts";
import type { EventPlan } from "./plan.ts";
import { turnName } from "./preview.ts";

/** An event as a rehearsal shows it. */
export type RehearsedEvent = Pick<PlannableEvent, "id" | "type" | "receivedAt" | "record"> & {
  readonly orderNumber: string | null;
  /** Its existing calls: the status of the last try of each rule. */
  readonly tries: readonly { readonly rule: string; readonly status: CallStatus }[];
};

/** Result of one rule's call of one event. */
export type RehearsedCall = {
  readonly event: RehearsedEvent;
  readonly draft: CallDraft;
  /** A queued call may still become `canceled`, with the reason `withdrawn`. */
  status: "queued" | "held" | "skipped" | "canceled";
  reason: string | null;
  /** Whether the call would wait for its line's hours. */
  readonly waits: boolean;
  /** Status of the real call that the rule made of this event; null if it made no call. */
  readonly already: CallStatus | null;
};

/** Result of one event. */
export type Rehearsed = {
  readonly event: RehearsedEvent;
  /** Reason why it made no call. */
  readonly reason: string | null;
  readonly calls: readonly RehearsedCall[];
};

/** State of the gates between events. It belongs to one rehearsal. */
export type RehearsalMemory = {
  readonly turns: Map<string, number>;
  readonly bursts: Map<string, number>;
  readonly waiting: Map<string, RehearsedCall[]>;
};

export function freshMemory(): RehearsalMemory {
  return { turns: new Map(), bursts: new Map(), waiting: new Map() };
}

/** Rules as if they were live, except those that are off. */
export function rehearsalRules({ rules, broken }: SourceRules): SourceRules {
  return { rules: rules.map((rule) => (rule.mode === "off" ? rule : asLive(rule))), broken };
}

/**
 * Checks the gates for one event's plan.
 *
 * @param plan The event's plan, as of `nowMs`.
 * @param suppressed Numbers that must not be called.
 */
export function rehearse(
  event: RehearsedEvent,
  plan: EventPlan,
  memory: RehearsalMemory,
  suppressed: ReadonlySet<string>,
  nowMs: number,
): Rehearsed {
  for (const { rule, record } of plan.withdraw) withdraw(memory, recordName(rule, record), nowMs);
  const calls = plan.calls.map((draft) => rehearseRule(event, draft, memory, suppressed, nowMs));
  return { event, reason: plan.reason, calls };
}

function rehearseRule(
  event: RehearsedEvent,
  draft: CallDraft,
  { turns, bursts, waiting }: RehearsalMemory,
  suppressed: ReadonlySet<string>,
  nowMs: number,
): RehearsedCall {
  const already = event.tries.find(({ rule }) => rule === draft.rule)?.status ?? null;
  const call: RehearsedCall = {
    event,
    draft,
    status: draft.status,
    reason: draft.reason,
    waits: draft.status === "queued" && draft.dueAt !== null && draft.dueAt > nowMs,
    already,
  };
  if (draft.status !== "queued") return call;
  const stop = (status: RehearsedCall["status"], reason: string): RehearsedCall => ({
    ...call,
    status,
    reason,
    waits: false,
  });
  if (draft.number !== null && suppressed.has(draft.number)) return stop("skipped", "suppressed");
  if (draft.once !== null) {
    const name = turnName(draft.rule, draft.once.key);
    if ((turns.get(name) ?? 0) > nowMs) return stop("skipped", "once_per");
    turns.set(name, draft.once.until);
  }
  if (draft.burst !== null) {
    const name = turnName(draft.rule, String(draft.burst.window));
    const count = (bursts.get(name) ?? 0) + 1;
    bursts.set(name, count);
    if (count > draft.burst.calls) return stop("held", "burst");
  }
  if (event.record !== null) {
    const name = recordName(draft.rule, event.record);
    waiting.set(name, [...(waiting.get(name) ?? []), call]);
  }
  return call;
}

/** Withdraws queued calls that are not due yet. */
function withdraw({ waiting }: RehearsalMemory, name: string, nowMs: number): void {
  for (const call of waiting.get(name) ?? []) {
    if ((call.draft.dueAt ?? 0) <= nowMs) continue;
    call.status = "canceled";
    call.reason = "withdrawn";
  }
  waiting.delete(name);
}

function recordName(rule: string, { type, id }: { type: string; id: string }): string {
  return JSON.stringify([rule, type, id]);
}
