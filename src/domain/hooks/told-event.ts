/**
 * Entries of the audit log that hooks hear of, and the event that each one makes. Entries are the outbox: nothing else
 * has to be written for a hook.
 */
import { leadsTo } from "../audit/receipt.ts";
import { type CallStatus, callStatuses, erasable, type Outcome } from "../calls/call.ts";
import type { HookEventType } from "./event-types.ts";

/** The part of a call's row that events carry. Times are epoch milliseconds. */
export type HookedCall = {
  readonly id: string;
  readonly try: number;
  readonly againOf: string | null;
  readonly status: CallStatus;
  readonly outcome: Outcome | null;
  readonly outcomeRaw: string | null;
  readonly reason: string | null;
  readonly source: string;
  readonly rule: string;
  readonly ruleVersion: number;
  readonly eventId: string;
  readonly mode: string;
  readonly line: string | null;
  readonly orderNumber: string | null;
  readonly recordType: string | null;
  readonly recordId: string | null;
  readonly number: string | null;
  readonly about: string | null;
  readonly summary: string | null;
  readonly recordingUrl: string | null;
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
  readonly createdAt: number;
  readonly dueAt: number | null;
  readonly placedAt: number | null;
  readonly endedAt: number | null;
  readonly durationS: number | null;
};

/** A further try of a call. */
export type NextTry = { readonly id: string; readonly status: CallStatus; readonly dueAt: number | null };

/** An entry, with what its event needs. */
export type HookEntry = {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly subject: string;
  readonly subjectId: string;
  readonly action: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** Of a call's entry: how many of the call's entries up to this one make an event. */
  readonly sequence: number | null;
  /** Of a call's entry: the call's row, which may have moved on since. */
  readonly call: HookedCall | null;
  /** Of a call's entry: the call's further try. */
  readonly next: NextTry | null;
};

/** The event of an entry. */
export type ToldEvent = {
  readonly type: HookEventType;
  /** Of a call's event: its number in the call, from 1 and without gaps. */
  readonly sequence: number | null;
  /** Whether it has the call's last status. Each call gets exactly one such event; a report may follow it. */
  readonly final: boolean;
  /** Whether it tells the end of a trouble. */
  readonly over: boolean;
};

/**
 * Actions that make events, by the subject of their entries. All others make none: `postponed`, `dialing`, `unknown`,
 * readings.
 */
const eventsOf: Readonly<Record<string, ReadonlyMap<string, HookEventType>>> = {
  call: new Map<string, HookEventType>([
    ["queued", "call.queued"],
    ["released", "call.queued"],
    ["held", "call.held"],
    ["placed", "call.placed"],
    ["ended", "call.ended"],
    ["rejected", "call.rejected"],
    ["review", "call.review"],
    ["skipped", "call.skipped"],
    ["canceled", "call.canceled"],
    ["expired", "call.expired"],
    ["report_added", "call.report_added"],
  ]),
  line: new Map<string, HookEventType>([
    ["paused", "line.paused"],
    ["resumed", "line.resumed"],
  ]),
  source: new Map<string, HookEventType>([
    ["rejecting", "source.rejecting"],
    ["rejecting_over", "source.rejecting"],
    ["silent", "source.silent"],
    ["heard_again", "source.silent"],
  ]),
  hook: new Map<string, HookEventType>([
    ["failing", "hook.failing"],
    ["disabled", "hook.disabled"],
    ["recovered", "hook.recovered"],
  ]),
};

const endings: ReadonlySet<string> = new Set(["resumed", "rejecting_over", "heard_again", "recovered"]);

/** The actions of {@link eventsOf}, for the statement that reads entries. */
export const toldActions: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(eventsOf).map(([subject, actions]) => [subject, [...actions.keys()]]),
);

/** @returns The event of an entry; null if it makes none. */
export function eventOf({
  subject,
  action,
  sequence,
}: Pick<HookEntry, "subject" | "action" | "sequence">): ToldEvent | null {
  const actions = Object.hasOwn(eventsOf, subject) ? eventsOf[subject] : undefined;
  const type = actions?.get(action);
  if (type === undefined) return null;
  if (subject !== "call") return { type, sequence: null, final: false, over: endings.has(action) };
  const status = leadsTo.get(action);
  return { type, sequence, final: erasable.some((one) => one === status), over: false };
}

/** @returns The status of a call right after an entry. A late report belongs to a call that has ended. */
export function statusAfter(action: string): CallStatus {
  const status = leadsTo.get(action);
  return callStatuses.find((one) => one === status) ?? "ended";
}
