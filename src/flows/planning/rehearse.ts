/**
 * Rehearses rules over stored events, in their order of arrival, and writes nothing. Each request is bounded, and the
 * next one continues. People who would be called twice are counted within one request only.
 */

import { notFetched } from "../../domain/fetch/fetch.ts";
import { eventsPerRehearsalMax } from "../../domain/limits.ts";
import { expiryOf, isExpired } from "../../domain/plan/expiry.ts";
import type { EventPlan } from "../../domain/plan/plan.ts";
import {
  freshMemory,
  type RehearsalMemory,
  type Rehearsed,
  type RehearsedCall,
  rehearsalRules,
  rehearse,
} from "../../domain/plan/rehearsal.ts";
import {
  type CallChange,
  changesOf,
  isOwed,
  type RehearsalReport,
  rehearsalReport,
} from "../../domain/plan/rehearsal-report.ts";
import type { SourceRules } from "../../domain/rules/source-rules.ts";
import { drawWork, isSpent, planAccount, rehearsalAccount } from "../../domain/rules/work-account.ts";
import type { RehearsalRow, RehearsalSpan, RehearsalStore } from "../../ports/planning/rehearsals.ts";
import type { Clock } from "../../ports/runtime.ts";
import { type PlanView, planSafely } from "./plan.ts";

/** Events per statement. */
const eventsPerRehearsalPageMax = 200;

/**
 * Limits of one request: bytes of events read, characters of texts returned, and time for starting statements. A Worker
 * has 128 MB and about 30 s of CPU time. The next request continues.
 */
const rehearsalBytesMax = 67_108_864;
const rehearsalTextCharactersMax = 4_194_304;
const rehearsalMs = 20_000;

type RehearsePorts = { clock: Clock; rehearsals: Pick<RehearsalStore, "page" | "suppressed"> };

type RehearsalAsked = {
  readonly view: PlanView;
  /** Rules in place of the stored ones; null to rehearse the stored ones. */
  readonly rules: SourceRules | null;
  readonly span: RehearsalSpan;
  /** `event`: each event at its time of arrival. `now`: each as if it arrived now. */
  readonly asOf: "event" | "now";
};

/** Events that are not rehearsed, by reason. */
type PassedOver = { readonly erased: number; readonly replayed: number; readonly conflict: number };

export type Rehearsal = {
  readonly report: RehearsalReport;
  /** Results of the stored rules, if other rules were rehearsed. */
  readonly before: RehearsalReport | null;
  /** Calls that would ring or be held, in their order. If other rules were rehearsed: their changes. */
  readonly calls: readonly RehearsedCall[];
  readonly changes: readonly CallChange[];
  /**
   * Events without a result: their bodies are erased, their bytes arrived before, or their id arrived before with other
   * bytes.
   */
  readonly passedOver: PassedOver;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Start of the next request; null at the end. */
  readonly next: RehearsalSpan | null;
};

/** State of one set of rules on its way through the events. */
type Side = { readonly view: PlanView; readonly memory: RehearsalMemory; readonly all: Rehearsed[] };

export async function rehearseEvents(ports: RehearsePorts, asked: RehearsalAsked): Promise<Rehearsal> {
  const begunMs = ports.clock.now();
  const sideOf = (rules: SourceRules): Side => ({
    view: { ...asked.view, rules: rehearsalRules(rules) },
    memory: freshMemory(),
    all: [],
  });
  const stored = sideOf(asked.view.rules);
  const other = asked.rules === null ? null : sideOf(asked.rules);
  const processed = { bytes: 0, characters: 0, events: 0 };
  const passedOver = { erased: 0, replayed: 0, conflict: 0 };
  let firstAt: number | null = null;
  let lastAt: number | null = null;
  let next: RehearsalSpan | null = asked.span;
  const account = rehearsalAccount();
  while (next !== null && !isSpent(account) && isWithin(processed, ports.clock.now() - begunMs)) {
    const limit = Math.min(eventsPerRehearsalPageMax, eventsPerRehearsalMax - processed.events);
    const page: Awaited<ReturnType<RehearsalStore["page"]>> = await ports.rehearsals.page(
      asked.view.source.slug,
      next,
      limit,
    );
    next = page.next;
    const nowOf = ({ receivedAt }: RehearsalRow) => (asked.asOf === "now" ? begunMs : receivedAt);
    const planOf = ({ view }: Side, event: RehearsalRow): EventPlan => {
      const own = planAccount();
      const plan = planSafely(view, asItCame(view, event, asked.asOf, begunMs), nowOf(event), { account: own });
      drawWork(account, own);
      return plan;
    };
    const events: RehearsalRow[] = [];
    const plans = { stored: [] as EventPlan[], other: [] as EventPlan[] };
    let looked = 0;
    for (const event of page.events) {
      // The first event is always planned, so that each request makes progress.
      if (isSpent(account)) {
        const last: RehearsalRow | undefined = page.events[looked - 1];
        if (last !== undefined) next = { after: { at: last.exactly, id: last.id }, until: asked.span.until };
        break;
      }
      looked += 1;
      if (!isFit(event, passedOver)) continue;
      events.push(event);
      plans.stored.push(planOf(stored, event));
      if (other !== null) plans.other.push(planOf(other, event));
    }
    const suppressed = new Set(await ports.rehearsals.suppressed(numbersOf([...plans.stored, ...plans.other])));
    for (const [index, event] of events.entries()) {
      firstAt ??= event.receivedAt;
      lastAt = event.receivedAt;
      const now = nowOf(event);
      const before = step(stored, event, plans.stored[index], suppressed, now);
      const after = other === null ? null : step(other, event, plans.other[index], suppressed, now);
      processed.characters += charactersOf(
        after === null ? before.calls : changesOf(before, after).map(({ call }) => call),
      );
    }
    processed.events += looked;
    processed.bytes += page.events.slice(0, looked).reduce((sum, { bytes }) => sum + bytes, 0);
  }
  const rehearsed = other ?? stored;
  const reportOf = ({ view, all }: Side) => rehearsalReport(all, (call) => isTooOld(view, call, begunMs));
  return {
    report: reportOf(rehearsed),
    before: other === null ? null : reportOf(stored),
    calls: other === null ? stored.all.flatMap(({ calls }) => calls.filter(isOwed)) : [],
    // Withdrawals by later events are known only now.
    changes: other === null ? [] : stored.all.flatMap((one, index) => changedFrom(one, other.all[index])),
    passedOver,
    firstAt,
    lastAt,
    next,
  };
}

function isWithin(
  { bytes, characters, events }: { bytes: number; characters: number; events: number },
  elapsedMs: number,
) {
  return (
    events < eventsPerRehearsalMax &&
    bytes < rehearsalBytesMax &&
    characters < rehearsalTextCharactersMax &&
    elapsedMs < rehearsalMs
  );
}

/** Excludes an event without a body, and one with reason `replayed` or `conflict`, which was never planned. */
function isFit({ erased, reason }: RehearsalRow, passedOver: Record<keyof PassedOver, number>): boolean {
  if (erased) passedOver.erased += 1;
  else if (reason === "replayed" || reason === "conflict") passedOver[reason] += 1;
  else return true;
  return false;
}

/** An event as if it arrived now is not its own replay. Records that were not fetched for it are not required. */
function asItCame({ rules }: PlanView, event: RehearsalRow, asOf: RehearsalAsked["asOf"], nowMs: number): RehearsalRow {
  const whole = { ...event, unfetched: notFetched(rules.rules, event.fetched) };
  return asOf === "now" ? { ...whole, receivedAt: nowMs, bodyOnce: false } : whole;
}

/** Whether a replay now would pass over a call, whatever time the event was rehearsed at. */
function isTooOld({ rules, lines }: PlanView, { event, draft }: RehearsedCall, nowMs: number): boolean {
  const rule = rules.rules.find(({ name }) => name === draft.rule);
  const line = lines.get(draft.line ?? "");
  if (rule === undefined || line === undefined) return false;
  const { expiresMs } = rule;
  const sinceMs = event.receivedAt;
  return isExpired(expiryOf({ hours: line.hours, zones: draft.zones, sinceMs, expiresMs }), nowMs);
}

function step(
  { memory, all }: Side,
  event: RehearsalRow,
  plan: EventPlan | undefined,
  suppressed: ReadonlySet<string>,
  nowMs: number,
): Rehearsed {
  const { id, type, receivedAt, record, orderNumber, tries } = event;
  const about = { id, type, receivedAt, record, orderNumber, tries };
  const made =
    plan === undefined ? { event: about, reason: null, calls: [] } : rehearse(about, plan, memory, suppressed, nowMs);
  all.push(made);
  return made;
}

function changedFrom(before: Rehearsed, after: Rehearsed | undefined): CallChange[] {
  return after === undefined ? [] : changesOf(before, after);
}

function numbersOf(plans: readonly EventPlan[]): string[] {
  return [...new Set(plans.flatMap(({ calls }) => calls.flatMap(({ number }) => number ?? [])))];
}

function charactersOf(calls: readonly RehearsedCall[]): number {
  return calls
    .filter(isOwed)
    .reduce(
      (sum, { draft }) =>
        sum + (draft.about?.length ?? 0) + (draft.prompt?.length ?? 0) + (draft.greeting?.length ?? 0),
      0,
    );
}
