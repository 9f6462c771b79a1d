/**
 * Everything about an order as one list of steps: events, plans, gates, calls, reports, people, hooks and notes.
 *
 * Not guaranteed: an order with more than the caps of its look-ups shows the newest steps only. `more` of the order
 * says so.
 */
import { isTerminal } from "../../domain/calls/call.ts";
import { maskText } from "../../domain/people/mask.ts";
import { apiSource } from "../../domain/plan/direct-call.ts";
import { explain } from "../../domain/reasons.ts";
import type { CallRow, VerdictRow } from "../../ports/lookups/calls.ts";
import type { EventRow } from "../../ports/lookups/events.ts";
import type { OrderSteps } from "../../ports/lookups/orders.ts";
import { actorName, type TokenNames } from "../actors.ts";
import { iso } from "../moment.ts";
import { entryText, verdictText } from "./step-words.ts";
import { toldSentence } from "./told.ts";

/** Kinds of steps, in the data's order. */
export const orderStepKinds = ["event", "plan", "gate", "call", "report", "person", "told", "note"] as const;
type OrderStepKind = (typeof orderStepKinds)[number];

/** One step. Times are ISO 8601 in UTC. */
export type OrderStepView = {
  readonly at: string;
  readonly kind: OrderStepKind;
  readonly sentence: string;
  /** The person, the line or the part that did it, in words; null for a step that only follows from another. */
  readonly by: string | null;
  readonly source: string;
  readonly call_id: string | null;
  readonly event_id: string | null;
  /** Name of the rule that made the step's call; null for a direct call, and for a step of no call. */
  readonly rule: string | null;
  /** The verdict of a gate; null for any other step. */
  readonly verdict: "pass" | "stop" | null;
  /** Words of a person or of Mihu beside the sentence, as stored; masked without `pii:read`. */
  readonly quote: string | null;
  /** Whole seconds since the step before; null for the first. */
  readonly gap_s: number | null;
  /** The reason of that wait, if the data shows it. */
  readonly gap_reason: string | null;
  /** Whether the step can still be followed by another of the same call. */
  readonly provisional: boolean;
};

/** The next thing that will happen by itself. */
export type NextStepView = { readonly at: string | null; readonly call_id: string; readonly sentence: string };

/** Waits that are no wait: a call is dialled within a second of being due. */
const shortMs = 1_000;
/** From here on a call that was due waited for its line. */
const turnMs = 10_000;

type Rows = OrderSteps & { readonly calls: readonly CallRow[]; readonly events: readonly EventRow[] };
type Step = Omit<OrderStepView, "at" | "gap_s" | "gap_reason" | "provisional" | "rule" | "verdict"> & {
  readonly atMs: number;
  /** Place among steps of one time. */
  readonly rank: number;
  readonly gapReason?: string;
  readonly verdict?: VerdictRow["verdict"];
};

/** @returns The steps, oldest first. */
export function orderTimeline(rows: Rows, names: TokenNames, seesAll: boolean): OrderStepView[] {
  const calls = new Map(rows.calls.map((call) => [call.id, call]));
  const events = new Map(rows.events.map((event) => [event.id, event]));
  const steps: Step[] = [
    ...rows.events.flatMap((event) => eventSteps(event, seesAll)),
    ...rows.entries.flatMap((entry): Step[] => {
      const call = entry.subject === "call" ? calls.get(entry.subjectId) : undefined;
      const source = call?.source ?? events.get(entry.subjectId)?.source ?? "";
      const reason = entry.reason === null ? null : explain(entry.reason);
      const known = reason !== null && reason !== entry.reason;
      const sentence = sentenceOf(entryText(entry), known ? reason : null);
      const waited = call !== undefined && entry.action === "dialing" ? waitReason(call, entry.at, rows) : undefined;
      return [
        {
          ...{ atMs: entry.at, rank: 2, kind: kindOf(entry.actor, entry.action), sentence },
          by: call !== undefined && entry.actor === "plan" ? planName(call) : actorName(entry.actor, names),
          source,
          call_id: call?.id ?? null,
          event_id: call?.eventId ?? (entry.subject === "event" ? entry.subjectId : null),
          // A reason that is no code of ours is a person's own words.
          quote: entry.reason === null || known ? null : seesAll ? entry.reason : maskText(entry.reason),
          ...(waited === undefined ? {} : { gapReason: waited }),
        },
      ];
    }),
    ...rows.verdicts.flatMap(({ call: id, ...verdict }): Step[] => {
      const call = calls.get(id);
      const { asks, answer } = verdictText(verdict);
      const sentence = `${asks} ${answer.charAt(0).toUpperCase()}${answer.slice(1)}.`;
      return [
        {
          ...{ atMs: verdict.at, rank: 1, kind: "gate", sentence, by: null, source: call?.source ?? "" },
          ...{ call_id: id, event_id: call?.eventId ?? null, quote: null, verdict: verdict.verdict },
        },
      ];
    }),
    ...rows.told.map((told): Step => {
      const call = calls.get(told.call);
      return {
        ...{ atMs: told.doneAt ?? told.at, rank: 3, kind: "told", sentence: `${toldSentence(told)}.`, by: null },
        ...{ source: call?.source ?? "", call_id: told.call, event_id: call?.eventId ?? null, quote: null },
      };
    }),
    ...rows.notes.map(
      (note): Step => ({
        ...{ atMs: note.at, rank: 4, kind: "note", by: actorName(note.actor, names), source: note.source ?? "" },
        sentence: note.text === null ? "A note, whose text was erased." : "A note.",
        quote: seesAll ? note.text : maskText(note.text),
        ...{ call_id: null, event_id: null },
      }),
    ),
  ];
  const sorted = steps.sort((one, other) => one.atMs - other.atMs || one.rank - other.rank);
  const last = new Map(sorted.flatMap((step, index) => (isOfCall(step) ? [[step.call_id, index] as const] : [])));
  return sorted.map(({ atMs, rank: _, gapReason, verdict, ...step }, index) => {
    const before = sorted[index - 1];
    const call = step.call_id === null ? undefined : calls.get(step.call_id);
    return {
      at: iso(atMs),
      ...step,
      rule: call === undefined || call.source === apiSource ? null : call.rule,
      verdict: verdict ?? null,
      gap_s: before === undefined ? null : Math.max(0, Math.round((atMs - before.atMs) / 1000)),
      gap_reason: gapReason ?? null,
      provisional:
        isUndecided(step, events) || (call !== undefined && !isTerminal(call.status) && last.get(call.id) === index),
    };
  });
}

/** The decider of a call's first step. */
function planName({ rule, ruleVersion }: CallRow): string {
  return ruleVersion === 0 ? "the request" : `rule ${rule}, version ${ruleVersion}`;
}

function isUndecided({ kind, event_id }: Pick<Step, "kind" | "event_id">, events: ReadonlyMap<string, EventRow>) {
  return kind === "plan" && events.get(event_id ?? "")?.state === "unplanned";
}

function isOfCall({ kind, call_id }: Step): boolean {
  return call_id !== null && kind !== "told" && kind !== "gate";
}

function eventSteps(event: EventRow, seesAll: boolean): Step[] {
  const common = { source: event.source, call_id: null, event_id: event.id, quote: null };
  const came =
    event.source === apiSource
      ? "A program or a person asked for a call."
      : `${event.source} sent ${event.type}; it was verified.`;
  const received: Step = { ...common, atMs: event.receivedAt, rank: 0, kind: "event", sentence: came, by: null };
  if (event.state === "unplanned") return [received, { ...common, ...undecided(event, seesAll) }];
  if (event.reason === null || event.plannedAt === null) return [received];
  const why = `It made no call: ${explain(event.reason)}`;
  const quote = typeof event.detail?.detail === "string" ? event.detail.detail : null;
  return [
    received,
    {
      ...{ ...common, atMs: event.plannedAt, rank: 1, kind: "plan", sentence: why, by: null },
      quote: seesAll ? quote : maskText(quote),
    },
  ];
}

/** The step of an event that has no plan yet: since when it waits, and the reason of whoever paused its source. */
function undecided({ receivedAt, waits }: EventRow, seesAll: boolean): Omit<Step, "source" | "call_id" | "event_id"> {
  const why = waits === null ? "" : ` ${explain(waits.reason)}`;
  const quote = waits?.detail ?? null;
  return {
    ...{ atMs: Math.max(receivedAt, waits?.since ?? 0), rank: 1, kind: "plan", by: null },
    sentence: `It is not decided yet.${why}`,
    quote: seesAll ? quote : maskText(quote),
  };
}

function sentenceOf(what: string, why: string | null): string {
  return why === null ? `${what}.` : `${what}: ${why}`;
}

function kindOf(actor: string, action: string): OrderStepKind {
  if (actor.startsWith("token:") || actor.startsWith("person:")) return "person";
  if (actor === "mihu" || action === "report_added" || action === "ended") return "report";
  return actor === "plan" || actor.startsWith("source:") ? "plan" : "call";
}

/**
 * @param atMs When it is dialled.
 * @returns The reason why a call was not dialled when it was made, as the data shows it; undefined if it was dialled at
 *   once.
 */
function waitReason(call: CallRow, atMs: number, { entries, verdicts, pauses }: Rows): string | undefined {
  const { id, line, createdAt } = call;
  const dueAt = Math.max(call.dueAt ?? createdAt, createdAt);
  const reasons: string[] = [];
  if (dueAt - createdAt >= shortMs) {
    const postponed = entries.some(({ subjectId, action }) => subjectId === id && action === "postponed");
    const outside = verdicts.some(({ call, gate }) => call === id && gate === "hours");
    const hours = postponed || outside ? "calling hours" : "it was due later";
    reasons.push(call.againOf === null ? hours : "the rule waits before it tries again");
  }
  if (atMs - dueAt >= turnMs) {
    const pause = pauses.findLast(
      ({ subjectId, action, at }) => subjectId === line && action === "paused" && at < atMs,
    );
    const end = pauses.find(
      ({ subjectId, action, id }) => subjectId === line && action === "resumed" && id > (pause?.id ?? 0),
    );
    const slowed = entries.some(
      ({ subjectId, reason, at }) => subjectId === id && reason === "rate_limited" && at <= atMs,
    );
    if (pause !== undefined && (end === undefined || end.at > dueAt)) reasons.push("the line was paused");
    else if (slowed) reasons.push("Mihu asked to slow down");
    else reasons.push("its turn on the line; nothing else is recorded");
  }
  return reasons.length === 0 ? undefined : reasons.join(", then ");
}

/** @returns The next thing that happens by itself; null if nothing is due. */
export function nextOf(calls: readonly CallRow[]): NextStepView | null {
  const waiting = calls
    .filter(({ status }) => status === "queued")
    .sort((one, other) => (one.dueAt ?? Number.POSITIVE_INFINITY) - (other.dueAt ?? Number.POSITIVE_INFINITY));
  const [next] = waiting;
  if (next === undefined) return null;
  const why = next.waits === null ? "" : ` ${explain(next.waits.reason)}`;
  const at = next.waits?.until ?? next.dueAt;
  const what = next.try > 1 ? `Try ${next.try} waits to be placed.` : "The call waits to be placed.";
  return { at: at === null ? null : iso(at), call_id: next.id, sentence: `${what}${why}` };
}
