import { describe, expect, it } from "vitest";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { foreseeEnds, type PlanView } from "../../../src/flows/planning/plan.ts";
import { rehearseEvents } from "../../../src/flows/planning/rehearse.ts";
import type { RehearsalRow, RehearsalSpan } from "../../../src/ports/planning/rehearsals.ts";
import { data, event, now, planSource, rule, support } from "../../domain/scene.ts";
import { sourceCopy } from "../../source-copy.ts";

const source = sourceCopy(planSource);
const commas = ",".repeat(90_000);
const rulesOf = (count: number, when: string) =>
  compileRules(
    Array.from({ length: count }, (_, n) => ({
      name: `r${n}`,
      version: 1,
      definition: { ...rule, when, also: true },
    })),
  );
const heavy = rulesOf(25, "data.commas.split(',').size() == 1");
const viewOf = (rules: PlanView["rules"]): PlanView => ({ source, rules, lines: new Map([["support", support]]) });
const { data: _, ...facts } = event;

/** Stored events, read a page at a time as Postgres does. */
function storeOf(count: number, payload: object) {
  const rows = Array.from({ length: count }, (_unused, n): RehearsalRow => {
    const body = JSON.stringify({ ...data, ...payload });
    const id = `event-${String(n).padStart(4, "0")}`;
    const place = { exactly: new Date(now + n).toISOString(), bytes: body.length };
    return { ...facts, ...place, id, body, orderNumber: null, reason: null, erased: n % 7 === 3, tries: [] };
  });
  const span: RehearsalSpan = { after: { at: "", id: "" }, until: { at: "9", id: "" } };
  return {
    span,
    rehearsals: {
      async page(_slug: string, { after, until }: RehearsalSpan, limit: number) {
        const from = rows.filter(({ exactly }) => exactly > after.at);
        const events = from.slice(0, limit);
        const last = events.at(-1);
        const more = last !== undefined && from.length > limit;
        return { events, next: more ? { after: { at: last.exactly, id: last.id }, until } : null };
      },
      suppressed: async () => [],
    },
  };
}

async function requestsOf(count: number, payload: object, rules: PlanView["rules"], other: PlanView["rules"] | null) {
  const { span, rehearsals } = storeOf(count, payload);
  const ports = { clock: { now: () => now }, rehearsals };
  const events: number[] = [];
  let erased = 0;
  let next: RehearsalSpan | null = span;
  while (next !== null) {
    const made: Awaited<ReturnType<typeof rehearseEvents>> = await rehearseEvents(ports, {
      view: viewOf(rules),
      rules: other,
      span: next,
      asOf: "event",
    });
    events.push(made.report.events);
    erased += made.passedOver.erased;
    next = made.next;
  }
  return { events, erased, all: events.reduce((sum, one) => sum + one, 0) };
}

describe("the work of a rehearsal", () => {
  it("is bounded for each request: the next continues with the next event, and each event is rehearsed once", async () => {
    const { events, erased, all } = await requestsOf(20, { commas }, heavy, null);
    expect(events.length).toBeGreaterThan(2);
    expect([all, erased]).toEqual([17, 3]);
    expect(Math.max(...events)).toBeLessThan(10);
  });

  it("counts both sets of rules where others are rehearsed", async () => {
    const one = await requestsOf(8, { commas }, heavy, null);
    const two = await requestsOf(8, { commas }, heavy, heavy);
    expect(two.all).toBe(one.all);
    expect(two.events.length).toBeGreaterThan(one.events.length);
  });

  it("is enough for a thousand ordinary events in one request", async () => {
    const ordinary = rulesOf(10, 'data.name == "Ann" && data.total > 100.0');
    expect((await requestsOf(1_000, {}, ordinary, null)).events).toHaveLength(1);
  });
});

it("an event whose end is too much work to foresee is left to its plan", () => {
  const { body } = { body: JSON.stringify({ ...data, commas }) };
  const asked = {
    ...facts,
    id: "e",
    body,
    dedupeKey: "e",
    orderNumber: null,
    orderNumberKey: null,
    bodyHash: "",
    headers: {},
  };
  const foreseen = (rules: PlanView["rules"]) => foreseeEnds(viewOf(rules), [asked]).get("e") ?? null;
  const never = "data.commas.split(',').size() == 1";
  expect(foreseen(rulesOf(5, never))).toBe("no_rule_matched");
  expect(foreseen(rulesOf(60, never))).toBeNull();
});
