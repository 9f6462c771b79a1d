/** Plan: accepted events → the calls they are owed, written in one statement for a batch. */
import { apiSource, planDirect } from "../domain/direct.ts";
import { readJson } from "../domain/json.ts";
import type { Line } from "../domain/line.ts";
import { type EventPlan, planEvent, planFailed, planUnreadable } from "../domain/plan.ts";
import type { SourceRules } from "../domain/source-rules.ts";
import type { EventStore, SourceCopy, StoredEvent } from "../ports/inbox.ts";
import type { LinePoke } from "../ports/line.ts";
import type { Clock } from "../ports/runtime.ts";

export type PlanPorts = { clock: Clock; events: Pick<EventStore, "plan" | "refuses"> };

/** A source made ready for planning. */
export type PlanView = {
  readonly source: SourceCopy;
  readonly rules: SourceRules;
  readonly lines: ReadonlyMap<string, Line>;
};

/**
 * Plans events in their order.
 *
 * @returns the lines that have calls to place. Nothing is returned for an event that somebody else planned first.
 */
export async function planEvents(
  ports: PlanPorts,
  view: PlanView,
  events: readonly StoredEvent[],
): Promise<LinePoke[]> {
  const nowMs = ports.clock.now();
  const pokes: LinePoke[] = [];
  for (const batch of withdrawalsApart(events.map((event) => planSafely(view, event, nowMs)))) {
    pokes.push(...(await write(ports, batch)));
  }
  return pokes;
}

/** Writes plans together; where Postgres refuses one of them, each for itself, so that it keeps none of the others. */
async function write(ports: PlanPorts, plans: readonly EventPlan[]): Promise<LinePoke[]> {
  try {
    return await ports.events.plan([...plans]);
  } catch (error) {
    if (!ports.events.refuses(error)) throw error;
    const [only] = plans;
    if (plans.length === 1 && only !== undefined)
      return await ports.events.plan([planFailed(only.eventId, "Postgres refused the plan")]);
    const pokes: LinePoke[] = [];
    for (const plan of plans) pokes.push(...(await write(ports, [plan])));
    return pokes;
  }
}

/** A mistake of ours must not stand in the way of the events behind it: the event ends with a reason and can be replayed. */
function planSafely(view: PlanView, event: StoredEvent, nowMs: number): EventPlan {
  try {
    return planOne(view, event, nowMs);
  } catch (error) {
    return planFailed(event.id, error instanceof Error ? error.name : "unknown");
  }
}

function planOne({ source, rules, lines }: PlanView, event: StoredEvent, nowMs: number): EventPlan {
  const json = readJson(event.body);
  if (!json.ok) return planUnreadable(event.id, json.detail);
  if (typeof json.value !== "object" || json.value === null || Array.isArray(json.value))
    return planUnreadable(event.id, "this element of the request is not an object");
  const plannable = { ...event, data: json.value };
  return source.slug === apiSource
    ? planDirect(plannable, source, lines, nowMs)
    : planEvent(plannable, source, rules, lines, nowMs);
}

/** A statement does not see the calls that it makes: one that withdraws begins after those before it are written. */
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
