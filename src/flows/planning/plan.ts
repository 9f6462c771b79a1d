/** Plan: accepted events → the calls that their rules want, written as one statement per batch. */

import type { LineVersion, VersionedLine } from "../../domain/calls/line.ts";
import type { NewEvent, StoredEvent } from "../../domain/events/event.ts";
import { isObject, type JsonValue, readJson } from "../../domain/json.ts";
import { plansPerStatementMax } from "../../domain/limits.ts";
import { apiSource, planDirect } from "../../domain/plan/direct-call.ts";
import { foreseenEnd } from "../../domain/plan/foreseen-end.ts";
import { contextOf, type EventPlan, planEvent, planNothing } from "../../domain/plan/plan.ts";
import type { PlanScene } from "../../domain/plan/weigh.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { SourceRules } from "../../domain/rules/source-rules.ts";
import { planAccount } from "../../domain/rules/work-account.ts";
import type { PlannedLine, PlanStore } from "../../ports/planning/plans.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { splitOnRefusal } from "../split-on-refusal.ts";

type PlanPorts = { clock: Clock; events: Pick<PlanStore, "plan" | "refuses"> };

/** A source prepared for planning. */
export type PlanView = {
  readonly source: SourceCopy;
  readonly rules: SourceRules;
  readonly lines: ReadonlyMap<string, VersionedLine>;
};

/**
 * Foresees the ends of events that no rule wants, before they are committed. Most of a CRM's events are such events.
 *
 * @param dataOf Returns an event's parsed body, null if it cannot be parsed. By default the body is parsed here.
 * @returns The reasons by event id. An event without a reason has to be planned.
 */
export function foreseeEnds(
  { source, rules }: Pick<PlanView, "source" | "rules">,
  events: readonly NewEvent[],
  dataOf: (event: NewEvent, index: number) => JsonValue | null = readBody,
): Map<string, ReasonCode> {
  const ends = new Map<string, ReasonCode>();
  for (const [index, event] of events.entries()) {
    try {
      // A body that is not an object is unreadable. That reason is more precise, and the plan gives it.
      const end = event.body.trimStart().startsWith("{")
        ? foreseenEnd(rules, event, () => {
            const data = dataOf(event, index);
            return data === null ? null : { ...contextOf(event, source.slug, data), account: planAccount() };
          })
        : null;
      if (end !== null) ends.set(event.id, end);
    } catch {
      // This is a bug in Hookline. The plan meets it too, and reports it.
    }
  }
  return ends;
}

function readBody({ body }: NewEvent): JsonValue | null {
  const json = readJson(body);
  return json.ok ? json.value : null;
}

/** Results of planning. */
type Planned = {
  /**
   * Lines with calls to place, or with claimed calls that were withdrawn. Empty for an event that was planned
   * meanwhile.
   */
  readonly lines: readonly PlannedLine[];
  /**
   * Events without a plan: the source or a line has another version than the view, or the source is paused. A new view
   * is needed.
   */
  readonly left: readonly StoredEvent[];
};

/**
 * Whether an event arrived before its source was closed, or while it was closed. Such an event calls nobody, even after
 * the source is opened again. Closing ends all waiting events and calls. A replay is a person's decision and ignores
 * this.
 */
export function cameBeforeClose(
  { disconnected, reopenedAt }: Pick<SourceCopy, "disconnected" | "reopenedAt">,
  { receivedAt }: Pick<StoredEvent, "receivedAt">,
): boolean {
  return disconnected === true || (reopenedAt != null && receivedAt < reopenedAt);
}

function planOrEnd(view: PlanView, event: StoredEvent, nowMs: number): EventPlan {
  if (!cameBeforeClose(view.source, event)) return planSafely(view, event, nowMs);
  return planNothing(event.id, "source_closed_before");
}

/** Plans events in their order. */
export async function planEvents(ports: PlanPorts, view: PlanView, events: readonly StoredEvent[]): Promise<Planned> {
  const nowMs = ports.clock.now();
  const lines: PlannedLine[] = [];
  let done = 0;
  // Planning shares its connection with accepting, so it is split: an accept waits for at most one part.
  for (let from = 0; from < events.length; from += plansPerStatementMax) {
    const part = events.slice(from, from + plansPerStatementMax);
    for (const batch of withdrawalsApart(part.map((event) => planOrEnd(view, event, nowMs)))) {
      const written = await writePlans(ports, view, batch);
      lines.push(...written.lines);
      if (written.changed) return { lines, left: events.slice(done) };
      done += batch.length;
    }
  }
  return { lines, left: [] };
}

/** Writes plans together. A plan that Postgres rejects does not block the others. */
async function writePlans(
  { events }: PlanPorts,
  { source: { slug, version }, lines: known }: PlanView,
  plans: readonly EventPlan[],
): Promise<{ lines: PlannedLine[]; changed: boolean }> {
  let changed = false;
  const write = async (some: readonly EventPlan[]): Promise<PlannedLine[]> => {
    const by = { slug, version, lines: linesOf(known, some) };
    const planned = await events.plan([...some], by);
    if (planned !== "source_changed") return planned;
    changed = true;
    return [];
  };
  const lines = await splitOnRefusal(plans, write, events.refuses, ({ eventId }) =>
    write([planNothing(eventId, "plan_failed", "Postgres refused the plan")]),
  );
  return { lines, changed };
}

/** Lines of the planned calls, in the versions used for planning. */
export function linesOf(
  lines: ReadonlyMap<string, LineVersion>,
  plans: readonly { readonly calls: readonly { readonly line: string | null }[] }[],
): LineVersion[] {
  const named = new Set(plans.flatMap(({ calls }) => calls.flatMap(({ line }) => line ?? [])));
  return [...named].flatMap((slug) => {
    const version = lines.get(slug)?.version;
    return version === undefined ? [] : [{ slug, version }];
  });
}

/** Contains bugs in Hookline: the event ends with a reason and can be replayed, and later events are planned. */
export function planSafely(
  view: PlanView,
  event: StoredEvent,
  nowMs: number,
  wish: Pick<PlanScene, "ignoresExpiry" | "account"> = {},
): EventPlan {
  try {
    return planOne(view, event, { nowMs, ...wish });
  } catch (error) {
    return planNothing(event.id, "plan_failed", error instanceof Error ? error.name : "unknown");
  }
}

function planOne(
  { source, rules, lines }: PlanView,
  event: StoredEvent,
  when: Pick<PlanScene, "nowMs" | "ignoresExpiry" | "account">,
): EventPlan {
  const json = readJson(event.body);
  if (!json.ok) return planNothing(event.id, "unreadable", json.detail);
  if (!isObject(json.value)) return planNothing(event.id, "unreadable", "this element of the request is not an object");
  const plannable = { ...event, data: json.value };
  if (source.slug === apiSource) return planDirect(plannable, { source, lines, ...when });
  const plan = planEvent(plannable, rules, { source, lines, ...when });
  return event.fetched === undefined || event.fetched === null ? plan : { ...plan, fetched: event.fetched };
}

/**
 * Splits plans before each withdrawal. A statement does not see its own new calls, so those before must be written
 * first.
 */
function withdrawalsApart(plans: EventPlan[]): EventPlan[][] {
  const batches: EventPlan[][] = [];
  let batch: EventPlan[] = [];
  for (const plan of plans) {
    if (plan.withdraw.length > 0 && batch.some((before) => before.calls.length > 0)) {
      batches.push(batch);
      batch = [];
    }
    batch.push(plan);
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
