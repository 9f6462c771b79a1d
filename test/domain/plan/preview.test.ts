import { describe, expect, it } from "vitest";
import { planEvent } from "../../../src/domain/plan/plan.ts";
import { gated, previewEvent, turnName } from "../../../src/domain/plan/preview.ts";
import { compileCondition } from "../../../src/domain/rules/condition/condition.ts";
import { conditionPaths, explainCondition, partsOf } from "../../../src/domain/rules/condition/parts.ts";
import { buildContext } from "../../../src/domain/rules/context.ts";
import { valuesAt } from "../../../src/domain/rules/field-paths.ts";
import type { RuleDefinition } from "../../../src/domain/rules/rule.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { isSpent, previewAccount } from "../../../src/domain/rules/work-account.ts";
import { data, event, now, planSource, rule, support } from "../scene.ts";

const valuesPerPathMax = 20;
const context = buildContext(
  { id: "1", type: "orders/updated", occurredAt: now, source: "shop" },
  {
    total: 250,
    tags: "vip, call-me",
    items: [{ sku: "A" }, { sku: "B" }],
    "odd key": [{ z: 3 }],
    paid: true,
    none: null,
    note: "hello",
    many: Array.from({ length: 500 }, (_, n) => n),
  },
  { ticket: { id: 7 } },
);

function condition(text: string) {
  const made = compileCondition(text);
  if (!made.ok) throw new Error(made.mistake.reason);
  return made.condition;
}

describe("the fields of a condition", () => {
  it.each<[string, string[]]>([
    ["data.total > 100.0", ["data.total"]],
    ['"call-me" in data.tags.split(", ") && data.paid', ["data.tags", "data.paid"]],
    ['data["odd key"][0].z == 3', ['data["odd key"][0].z']],
    ["data.items.exists(i, i.sku == data.sku)", ["data.items", "data.items[].sku", "data.sku"]],
    ["data.items.all(i, data.items.exists(k, k.sku == i.sku))", ["data.items", "data.items[].sku"]],
    ["has(data.a.b) || record == null", ["data.a.b", "record"]],
    ["data.map[data.key] == 1 ? data.paid : !data.paid", ["data.map[*]", "data.key", "data.paid"]],
    ["[data.total, 1.0].size() == 2", ["data.total"]],
    ["timestamp(event.occurred_at) < timestamp(data.at)", ["event.occurred_at", "data.at"]],
  ])("%s", (text, paths) => {
    expect(conditionPaths(condition(text))).toEqual(paths);
  });
});

describe("why a condition is as it is", () => {
  it.each<[string, object]>([
    ["data.paid && data.total > 100.0", { result: "true", part: null }],
    ["data.paid && data.total > 500.0", { result: "false", part: "data.total > 500.0" }],
    [
      "data.paid && (data.total > 500.0 || data.total < 1.0)",
      { result: "false", part: "data.total > 500.0 || data.total < 1.0" },
    ],
    [
      "(data.total + 1.0) * 2.0 == 4.0 && data.paid",
      { result: "false", part: "(data.total + 1.0) * 2.0 == 4.0", paths: ["data.total"] },
    ],
    ["data.gone > 1.0 && data.paid", { result: "failed", part: "data.gone > 1.0", path: "data.gone" }],
    // If another part is false, a failing part does not decide.
    ["data.gone > 1.0 && data.total > 500.0", { result: "false", part: "data.total > 500.0" }],
    ["!data.paid", { result: "false", part: "!data.paid" }],
  ])("%s", (text, expected) => {
    expect(explainCondition(condition(text), context)).toMatchObject(expected);
  });

  it("parts that are true one by one are true together, and back", () => {
    for (const text of [
      "data.paid && data.total > 1.0 && data.tags != ''",
      "(data.paid && data.total > 1.0) && true",
    ]) {
      const parts = partsOf(condition(text)).map((part) => explainCondition(part.condition, context).result);
      expect(parts.every((result) => result === "true")).toBe(true);
      expect(parts.length).toBeGreaterThan(1);
    }
  });
});

describe("the values of a path", () => {
  it.each<[string, unknown[]]>([
    ["data.total", [250]],
    ["data.items[].sku", ["A", "B"]],
    ["data.items[1].sku", ["B"]],
    ["data.items.last.sku", ["B"]],
    ["data.items.first.sku", ["A"]],
    ["data.items.size", [2]],
    ["data.note.size", [5]],
    ['data["odd key"][0].z', [3]],
    ["record.ticket.id", [7]],
    ["event.type", ["orders/updated"]],
    ["data.none", []],
    ["data.gone.deeper", []],
    ["data.constructor", []],
    ["data.__proto__.x", []],
    ["data.items.length", []],
    ["data.note[0]", []],
    ["data..x", []],
    ["", []],
  ])("%s", (path, values) => {
    expect(valuesAt(context, path)).toEqual(values);
  });

  it("are never a prototype's", () => {
    const plain = { event: context.event, data: { a: {} }, record: null };
    for (const path of ["data.a.constructor", "data.a.toString", "data.a.__proto__"])
      expect(valuesAt(plain, path)).toEqual([]);
  });

  it("of many are the first", () => {
    expect(valuesAt(context, "data.many[]")).toHaveLength(valuesPerPathMax);
  });
});

const lines = new Map([[support.slug, support]]);
function previews(rules: readonly { name: string; definition: RuleDefinition }[], deviation: object = {}) {
  const compiled = compileRules(rules.map((one) => ({ ...one, version: 2 })));
  return previewEvent({ ...event, ...deviation }, compiled, { source: planSource, lines, nowMs: now });
}
const named = (name: string, definition: Partial<RuleDefinition> = {}) => ({
  name,
  definition: { ...rule, ...definition },
});

describe("a preview", () => {
  it("of a live rule is the very call that the plan makes", () => {
    const compiled = compileRules([{ ...named("call-me"), version: 2 }]);
    const [call] = planEvent(event, compiled, { source: planSource, lines, nowMs: now }).calls;
    expect(previews([named("call-me")])[0]).toMatchObject({ reason: null, asLive: false, draft: call });
  });

  it("says who has the event, as the modes of today decide", () => {
    const rules = [
      named("shadow", { mode: "shadow" }),
      named("off", { mode: "off" }),
      named("failed", { when: "data.gone == 1" }),
      named("first"),
      named("beside", { also: true }),
      named("last"),
    ];
    expect(previews(rules).map(({ rule: name, reason, wonBy }) => [name, reason, wonBy])).toEqual([
      ["shadow", null, null],
      ["off", null, null],
      ["failed", "condition_failed", null],
      ["first", null, null],
      ["beside", null, null],
      ["last", "won_by_earlier", "first"],
    ]);
  });

  it.each<[string, Partial<RuleDefinition>, object]>([
    ["a line that there is not", { line: "nowhere" }, { field: "line", problem: "line_missing" }],
    ["a number", { number: "{{ data.gone }}" }, { field: "number", path: "data.gone", problem: "no_number" }],
    [
      "the first text",
      { about: "{{ data.gone }}", greeting: "{{ data.lost }}" },
      { field: "about", path: "data.gone" },
    ],
    ["a text that is short of a value", { greeting: "Hi {{ data.empty }}" }, { field: "greeting", path: "data.empty" }],
    ["a key", { once_per: { key: "{{ data.gone }}", in: "1d" } }, { field: "once_per.key", path: "data.gone" }],
    ["a condition", { when: "data.gone == 1" }, { field: "when", path: "data.gone", problem: "condition_failed" }],
  ])("names what is broken first: %s", (_, definition, expected) => {
    expect(previews([named("call-me", definition)])[0]?.broken).toMatchObject(expected);
  });

  it("says what a rule wants fetched, and takes what is given in its place", () => {
    const rules = [named("call-me", { fetch: ["ticket"], about: "Ticket {{ record.ticket.id }}." })];
    expect(previews(rules)[0]).toMatchObject({
      reason: "not_fetched",
      broken: { field: "fetch", detail: "ticket" },
    });
    expect(previews(rules, { fetched: { ticket: { id: 7 } } })[0]).toMatchObject({
      reason: null,
      draft: { about: expect.stringContaining("Ticket 7.") },
    });
  });

  it("knows what only Postgres knows once it is told", () => {
    const [preview] = previews([named("call-me", { once_per: { key: "{{ data.id }}", in: "1d" } })]);
    if (preview === undefined) throw new Error("there is one");
    const none = { suppressed: new Set<string>(), taken: new Set<string>() };
    expect(gated(preview, none)).toBe(preview);
    expect(gated(preview, { ...none, suppressed: new Set(["+14155550100"]) })).toMatchObject({ reason: "suppressed" });
    const taken = new Set([turnName("call-me", String(data.id))]);
    expect(gated(preview, { ...none, taken })).toMatchObject({ reason: "once_per", draft: { status: "skipped" } });
  });

  it("tells what was done to values, and nothing where nothing was", () => {
    const about =
      "« {{ data.note | default: 'nothing' }} {{ data.long }} {{ data.hidden }} {{ data.name }} {{ data.ends }}";
    const long = "x".repeat(600);
    const ends = "a » b";
    const [preview] = previews([named("call-me", { about })], { data: { ...data, long, hidden: "a\u202eb", ends } });
    expect(preview?.notes).toEqual([
      { note: "marks_replaced", field: "about", path: null },
      { note: "default_used", field: "about", path: "data.note" },
      { note: "value_cut", field: "about", path: "data.long" },
      { note: "characters_removed", field: "about", path: "data.hidden" },
      { note: "marks_replaced", field: "about", path: "data.ends" },
    ]);
    expect(previews([named("call-me", { about: "{{ data.name }}" })])[0]?.notes).toEqual([]);
  });

  it("tells that a text is compared with a number, as a form's always is", () => {
    const [preview] = previews([named("call-me", { when: "data.count == 5" })], { data: { ...data, count: "5" } });
    expect(preview).toMatchObject({
      reason: "condition_false",
      notes: [{ note: "text_compared", field: "when", path: "data.count" }],
    });
  });

  it.each([
    ["EST", "zone_unreadable"],
    ["Europe/London", "zone_abroad"],
  ])("tells that the zone %s is not followed, or not alone", (tz, note) => {
    const [preview] = previews([named("call-me", { zone: "{{ data.tz }}" })], { data: { ...data, tz } });
    expect(preview?.notes).toEqual([{ note, field: "zone", path: "data.tz" }]);
  });
});

describe("the work of a preview", () => {
  const heavy = "data.commas.split(',').size() == 1";
  const data = { ...(event.data as object), commas: ",".repeat(90_000) };
  const rules = Array.from({ length: 40 }, (_, n) => named(`r${n}`, { when: `${heavy} || true`, also: true }));

  it("is bounded over all its rules: those behind the end say that they were not previewed", () => {
    const made = previews(rules, { data });
    expect(made.map(({ rule }) => rule)).toEqual(rules.map(({ name }) => name));
    const reasons = made.map(({ reason }) => reason);
    const first = reasons.indexOf("not_previewed");
    expect(first).toBeGreaterThan(5);
    expect(reasons.slice(first).every((reason) => reason === "not_previewed")).toBe(true);
    expect(made[first]).toMatchObject({ draft: null, when: null, broken: { problem: "not_previewed" } });
  });

  it("is bounded over all its events", () => {
    const compiled = compileRules(rules.slice(0, 5).map((one) => ({ ...one, version: 2 })));
    const account = previewAccount();
    const scene = { source: planSource, lines, nowMs: now };
    const ends = Array.from(
      { length: 12 },
      () => previewEvent({ ...event, data }, compiled, scene, account).at(-1)?.reason,
    );
    expect(ends[0]).not.toBe("not_previewed");
    expect(ends.at(-1)).toBe("not_previewed");
    expect(isSpent(account)).toBe(true);
  });

  it("is enough for fifty events and ten rules of ordinary size", () => {
    const ten = Array.from({ length: 10 }, (_, n) =>
      named(`r${n}`, { when: '"call-me" in data.tags.split(", ") && data.items.exists(i, i.sku == "A")', also: true }),
    );
    const compiled = compileRules(ten.map((one) => ({ ...one, version: 2 })));
    const account = previewAccount();
    for (let count = 0; count < 50; count += 1)
      previewEvent(event, compiled, { source: planSource, lines, nowMs: now }, account);
    expect(account.left).toBeGreaterThan(previewAccount().left / 2);
  });
});
