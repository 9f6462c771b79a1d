/** A source, a line, a rule and an event that together make one call: what the tests of the plan deviate from, one thing at a time. */

import type { Line, VersionedLine } from "../../src/domain/calls/line.ts";
import type { PlannableEvent } from "../../src/domain/events/event.ts";
import { parseHours } from "../../src/domain/people/calling-hours.ts";
import type { CallDraft, PlanSource } from "../../src/domain/plan/draft.ts";
import { type EventPlan, planEvent } from "../../src/domain/plan/plan.ts";
import type { RuleDefinition } from "../../src/domain/rules/rule.ts";
import { compileRules, type SourceRules } from "../../src/domain/rules/source-rules.ts";

/** A Monday; 10:00 in Los Angeles, 13:00 in New York. */
export const now = Date.parse("2026-01-05T18:00:00Z");
export const HOUR_MS = 3_600_000;
export const at = (iso: string): number => Date.parse(iso);

export const planSource: PlanSource = { slug: "shop", country: "US", zone: null };

export const support: VersionedLine = {
  slug: "support",
  version: 1,
  agent: "agent-1",
  callsPerMinute: 10,
  callsAtOnce: 3,
  callsPerDay: 500,
  countries: ["US"],
  hours: null,
};

/** Hours from Monday to Friday. */
export function hours(from: string, to: string, closed: string[] = []) {
  const parsed = parseHours({ days: "mon-fri", from, to, closed });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.hours;
}

export const rule: RuleDefinition = {
  mode: "live",
  on: ["orders/updated"],
  when: "data.total > 100.0",
  line: "support",
  number: "{{ data.phone }}",
  about: "The customer is {{ data.name }}.",
  prompt: "Ask {{ data.name }} what is wrong.",
  greeting: "Hello {{ data.name }}.",
};

/** A good payload: the order of a customer in San Francisco. */
export const data = { id: 987, name: "Ann", phone: "(415) 555-0100", total: 250, zone: "America/Chicago", empty: "" };

export const event: PlannableEvent = {
  id: "00000000-0000-8000-8000-000000000001",
  source: "shop",
  externalId: "evt-1",
  type: "orders/updated",
  occurredAt: now - 1_000,
  receivedAt: now,
  record: { type: "order", id: "987" },
  data,
};

/** Deviations from the default scene. */
export type Deviation = {
  rule?: Partial<RuleDefinition>;
  /** All rules, in their order, in place of the one. */
  rules?: readonly { name: string; definition: RuleDefinition }[];
  broken?: SourceRules["broken"];
  event?: Partial<PlannableEvent>;
  data?: Record<string, PlannableEvent["data"]>;
  source?: Partial<PlanSource>;
  lines?: readonly Line[];
  now?: number;
};

/** Plans the scene with its deviation. */
export function planned(deviation: Deviation = {}): EventPlan {
  const definitions = deviation.rules ?? [{ name: "call-me", definition: { ...rule, ...deviation.rule } }];
  const compiled = compileRules(definitions.map((one) => ({ ...one, version: 3 })));
  const mistake = compiled.broken[0];
  if (mistake !== undefined) throw new Error(`${mistake.name}: ${mistake.reason}`);
  return planEvent(
    { ...event, receivedAt: deviation.now ?? now, data: { ...data, ...deviation.data }, ...deviation.event },
    { rules: compiled.rules, broken: deviation.broken ?? [] },
    {
      source: { ...planSource, ...deviation.source },
      lines: new Map((deviation.lines ?? [support]).map((line) => [line.slug, line])),
      nowMs: deviation.now ?? now,
    },
  );
}

/** The only call of a plan. */
export function theCall(plan: EventPlan): CallDraft {
  const [call, ...others] = plan.calls;
  if (call === undefined || others.length > 0) throw new Error(`${plan.calls.length} calls instead of one`);
  return call;
}
