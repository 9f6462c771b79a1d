/** The report of a rehearsal: counts, a summary sentence, and the differences between two sets of rules. Pure. */
import { withoutNumber } from "./draft.ts";
import type { Rehearsed, RehearsedCall } from "./rehearsal.ts";

/** Ids named as examples. */
const namedMax = 5;

export type Counted = Readonly<Record<string, number>>;

type RuleReport = {
  readonly rule: string;
  readonly calls: number;
  readonly held: number;
  /** Other reasons why nothing would ring, with their numbers. */
  readonly stopped: Counted;
};

/** A text that could not be filled, with its number of events and some examples. */
type PlaceholderReport = {
  readonly rule: string;
  readonly field: string | null;
  readonly path: string | null;
  readonly problem: string | null;
  readonly calls: number;
  readonly events: readonly string[];
};

export type RehearsalReport = {
  readonly sentence: string;
  readonly events: number;
  /** Calls that would ring. */
  readonly calls: number;
  /** Count of different numbers that would ring, and of numbers that would ring more than once. */
  readonly customers: number;
  readonly customersAgain: number;
  readonly callsPerCustomerMax: number;
  /** Calls that would wait for their line's hours. */
  readonly outsideHours: number;
  readonly held: number;
  readonly withoutNumber: number;
  /** Calls of rules that need a record which was never fetched for their event. */
  readonly notFetched: number;
  /** Calls whose event already has a call of their rule. */
  readonly alreadyCalled: number;
  /** Calls that a replay would skip now, because their rule's `expires` has passed. */
  readonly tooOld: number;
  /** Reasons why calls would be held or not ring, and why events would make none. */
  readonly byReason: Counted;
  readonly byRule: readonly RuleReport[];
  readonly placeholders: readonly PlaceholderReport[];
};

/**
 * @param all All events, in the order of the rehearsal.
 * @param isTooOld Whether a queued call has expired by now.
 */
export function rehearsalReport(
  all: readonly Rehearsed[],
  isTooOld: (call: RehearsedCall) => boolean,
): RehearsalReport {
  const calls = all.flatMap((one) => one.calls);
  const rings = calls.filter(({ status }) => status === "queued");
  const numbers = countByName(rings.map(({ draft }) => draft.number ?? ""));
  const counts = {
    events: all.length,
    calls: rings.length,
    customers: Object.keys(numbers).length,
    customersAgain: Object.values(numbers).filter((times) => times > 1).length,
    callsPerCustomerMax: Math.max(0, ...Object.values(numbers)),
    outsideHours: rings.filter(({ waits }) => waits).length,
    held: calls.filter(({ status }) => status === "held").length,
    withoutNumber: calls.filter(({ reason }) => withoutNumber.includes(reason)).length,
    notFetched: calls.filter(({ reason }) => reason === "not_fetched").length,
    alreadyCalled: rings.filter(({ already }) => already !== null && already !== "skipped").length,
    tooOld: calls.filter((call) => isOwed(call) && isTooOld(call)).length,
    byReason: countByName([
      ...calls.flatMap(({ status, reason }) => (status === "queued" ? [] : [reason ?? status])),
      ...all.flatMap(({ reason }) => reason ?? []),
    ]),
  };
  return { sentence: countsSentence(counts), ...counts, byRule: rulesOf(calls), placeholders: placeholdersOf(calls) };
}

type Said = Pick<
  RehearsalReport,
  "calls" | "customersAgain" | "callsPerCustomerMax" | "outsideHours" | "withoutNumber" | "byReason"
>;

/**
 * For example "212 calls, 9 customers twice, 14 outside hours, 31 without a number". Zero counts are left out, except
 * for calls.
 */
function countsSentence(counts: Said): string {
  const again = counts.callsPerCustomerMax > 2 ? "more than once" : "twice";
  const named: readonly [number, string][] = [
    [counts.customersAgain, `${counts.customersAgain === 1 ? "customer" : "customers"} ${again}`],
    [counts.outsideHours, "outside hours"],
    [counts.withoutNumber, "without a number"],
    [counts.byReason.placeholder ?? 0, "held for a text that is incomplete"],
    [counts.byReason.burst ?? 0, "held by burst"],
    [counts.byReason.not_fetched ?? 0, "whose record was never fetched"],
    [counts.byReason.once_per ?? 0, "stopped by once_per"],
    [counts.byReason.condition_failed ?? 0, "whose condition failed"],
    [counts.byReason.rules_too_heavy ?? 0, "for which the rules before were too much work"],
  ];
  const parts = named.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  return [`${counts.calls} ${counts.calls === 1 ? "call" : "calls"}`, ...parts].join(", ");
}

function rulesOf(calls: readonly RehearsedCall[]): RuleReport[] {
  const names = [...new Set(calls.map(({ draft }) => draft.rule))];
  return names.map((rule) => {
    const own = calls.filter(({ draft }) => draft.rule === rule);
    return {
      rule,
      calls: own.filter(({ status }) => status === "queued").length,
      held: own.filter(({ status }) => status === "held").length,
      stopped: countByName(own.flatMap(({ status, reason }) => (status === "queued" ? [] : [reason ?? status]))),
    };
  });
}

function placeholdersOf(calls: readonly RehearsedCall[]): PlaceholderReport[] {
  const found = new Map<string, PlaceholderReport & { events: string[]; calls: number }>();
  for (const { draft, reason, event } of calls) {
    if (reason !== "placeholder") continue;
    const { field, path, problem } = draft.detail ?? {};
    const where = { field: textOrNull(field), path: textOrNull(path), problem: textOrNull(problem) };
    const name = JSON.stringify([draft.rule, where]);
    const known = found.get(name) ?? { rule: draft.rule, ...where, calls: 0, events: [] };
    known.calls += 1;
    if (known.events.length < namedMax) known.events.push(event.id);
    found.set(name, known);
  }
  return [...found.values()].sort((one, other) => other.calls - one.calls);
}

/** A call that differs under other rules. `before`: the call by the stored rules. */
export type CallChange = {
  readonly change: "gained" | "lost" | "changed";
  readonly call: RehearsedCall;
  readonly before: RehearsedCall | null;
  /** Fields of the call that differ. */
  readonly fields: readonly string[];
};

/**
 * Changes among one event's calls that ring or wait for a person.
 *
 * @param before By the stored rules.
 * @param after By the other rules.
 */
export function changesOf(before: Rehearsed, after: Rehearsed): CallChange[] {
  const changes: CallChange[] = [];
  for (const call of after.calls) {
    const old = before.calls.find(({ draft }) => draft.rule === call.draft.rule) ?? null;
    const fields = old === null ? [] : differing(old, call);
    if (isOwed(call) && (old === null || !isOwed(old))) changes.push({ change: "gained", call, before: old, fields });
    else if (old !== null && isOwed(old) && !isOwed(call)) changes.push({ change: "lost", call, before: old, fields });
    else if (isOwed(call) && fields.length > 0) changes.push({ change: "changed", call, before: old, fields });
  }
  for (const old of before.calls)
    if (isOwed(old) && !after.calls.some(({ draft }) => draft.rule === old.draft.rule))
      changes.push({ change: "lost", call: old, before: old, fields: [] });
  return changes;
}

/** Whether a call rings or waits for a person. */
export function isOwed({ status }: RehearsedCall): boolean {
  return status === "queued" || status === "held";
}

function differing(before: RehearsedCall, after: RehearsedCall): string[] {
  const shown = ({ status, reason, draft }: RehearsedCall) => ({
    status,
    reason,
    line: draft.line,
    number: draft.number,
    about: draft.about,
    prompt: draft.prompt,
    prompt_overwrite: draft.promptOverwrite,
    greeting: draft.greeting,
    due_at: draft.dueAt,
    expires_at: draft.expiresAt,
  });
  const old = new Map<string, unknown>(Object.entries(shown(before)));
  return Object.entries(shown(after)).flatMap(([field, value]) => (old.get(field) === value ? [] : [field]));
}

function countByName(names: readonly string[]): Counted {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one));
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
