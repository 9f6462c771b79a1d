import { describe, expect, it } from "vitest";
import { compileIdentification } from "../../../src/domain/events/identify.ts";
import type { JsonValue } from "../../../src/domain/json.ts";
import { driftOf, type FieldState, freshField, observe, watchedFields } from "../../../src/domain/plan/field-watch.ts";
import type { RuleDefinition } from "../../../src/domain/rules/rule.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { event, now, rule } from "../scene.ts";

const fieldReportedMs = 604_800_000;
const fieldOtherMin = 5;
const fieldAbsentMin = 10;
const fieldCameMin = 10;
const templates = { orderNumber: "{{ data.order.name }}", recordType: "order", recordId: "{{ data.id }}" };

/** Fields of a source with one rule, and what is known of them after some events. */
function watch(definition: Partial<RuleDefinition> = {}) {
  const { rules } = compileRules([{ name: "call-me", version: 1, definition: { ...rule, ...definition } }]);
  const fields = watchedFields(compileIdentification(templates), rules);
  const states = fields.map(freshField);
  const byName = new Map(rules.map((one) => [one.name, one]));
  let at = now;
  return {
    paths: fields.map(({ rule: name, path }) => `${name} ${path}`),
    come(times: number, data: JsonValue, type = event.type, stepMs = 1_000) {
      for (let n = 0; n < times; n++) {
        at += stepMs;
        observe(fields, states, byName, { ...event, type, receivedAt: at, data });
      }
    },
    told: (path: string, of = "call-me") => {
      const state = states.find((one) => one.path === path && one.rule === of);
      return state === undefined ? undefined : driftOf(state);
    },
    states,
  };
}

const good = { id: 1, order: { name: "#1" }, name: "Ann", phone: "+14155550100", total: 250 };
const without = (field: string) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== field));

describe("the fields that are watched", () => {
  it("are those of conditions, texts, numbers, keys and the source's own templates, each once", () => {
    const { paths } = watch({
      when: "data.items.exists(i, i.sku == data.sku) && event.type != 'x'",
      zone: "{{ data.tz }}",
    });
    expect(paths).toEqual([
      " data.order.name",
      " data.id",
      "call-me data.items",
      "call-me data.items[].sku",
      "call-me data.sku",
      "call-me data.name",
      "call-me data.tz",
      "call-me data.phone",
    ]);
  });

  it("are none of a rule that is off", () => {
    expect(watch({ mode: "off" }).paths.filter((path) => path.startsWith("call-me"))).toEqual([]);
  });
});

describe("a field that has stopped coming", () => {
  it.each<[string, JsonValue]>([
    ["is missing", without("name")],
    ["is null", { ...good, name: null }],
    ["is blank", { ...good, name: " " }],
  ])("is told once it %s in enough events, with since when", (_, bad) => {
    const { come, told } = watch();
    come(fieldCameMin, good);
    come(fieldAbsentMin - 1, bad);
    expect(told("data.name")).toBeNull();
    come(1, bad);
    expect(told("data.name")).toEqual({
      code: "field_gone",
      since: now + (fieldCameMin + 1) * 1_000,
      from: "text",
      to: null,
    });
    expect(told("data.phone")).toBeNull();
  });

  it("is told no more once it comes again", () => {
    const { come, told } = watch();
    come(20, good);
    come(20, without("name"));
    expect(told("data.name")).not.toBeNull();
    come(1, good);
    expect(told("data.name")).toBeNull();
  });

  it("is not told while too little came before", () => {
    const { come, told } = watch();
    come(fieldCameMin - 1, good);
    come(500, without("name"));
    expect(told("data.name")).toBeNull();
  });

  it("needs the longer an absence, the rarer it came before", () => {
    const { come, told } = watch();
    for (let n = 0; n < 20; n++) {
      come(9, without("name"));
      come(1, good);
    }
    come(50, without("name"));
    expect(told("data.name")).toBeNull();
    come(30, without("name"));
    expect(told("data.name")).toMatchObject({ code: "field_gone" });
  });

  it("is not told because events of another type come that never had it", () => {
    const { come, told } = watch({ on: ["orders/updated", "orders/paid"] });
    come(50, good);
    come(50, without("name"), "orders/paid");
    expect(told("data.name")).toBeNull();
  });

  it("of a text is asked only of events that the rule's condition lets pass; of the condition, of all", () => {
    const { come, told } = watch();
    come(20, good);
    come(50, { id: 1, order: { name: "#1" }, total: 1 });
    expect(told("data.name")).toBeNull();
    come(20, { id: 1, order: { name: "#1" } });
    expect(told("data.total")).toMatchObject({ code: "field_gone", from: "number" });
    expect(told("data.name")).toMatchObject({ code: "field_gone" });
  });

  it("of the source's own templates is told as well, of whatever type the event is", () => {
    const { come, told } = watch();
    come(20, good, "orders/created");
    come(20, without("order"), "orders/created");
    expect(told("data.order.name", "")).toMatchObject({ code: "field_gone" });
  });
});

describe("a field that comes as another type", () => {
  it("is told after enough values in a row, with both types", () => {
    const { come, told } = watch();
    come(fieldCameMin, good);
    come(fieldOtherMin - 1, { ...good, phone: 14155550100 });
    expect(told("data.phone")).toBeNull();
    come(1, { ...good, phone: 14155550100 });
    expect(told("data.phone")).toEqual({
      code: "field_changed",
      since: now + (fieldCameMin + 1) * 1_000,
      from: "text",
      to: "number",
    });
  });

  it("is not told where it always came as both", () => {
    const { come, told } = watch();
    for (let n = 0; n < 10; n++) {
      come(1, good);
      come(1, { ...good, phone: 1 });
    }
    come(20, { ...good, phone: 1 });
    expect(told("data.phone")).toBeNull();
  });

  it("is told no more after a week: then it is so", () => {
    const { come, told } = watch();
    come(20, good);
    come(10, { ...good, phone: { raw: "x" } });
    expect(told("data.phone")).toMatchObject({ to: "object" });
    come(1, { ...good, phone: { raw: "x" } }, event.type, fieldReportedMs);
    expect(told("data.phone")).toBeNull();
    come(fieldOtherMin, good);
    expect(told("data.phone")).toMatchObject({ from: "object", to: "text" });
  });
});

describe("what is kept of a field", () => {
  it("holds no value of a payload, whatever a sender calls its types", () => {
    const { come, states } = watch({ on: undefined });
    come(3, { ...good, name: "Zebulina", phone: "+14155550177" });
    for (const type of ["__proto__", "constructor", ...Array.from({ length: 50 }, (_, n) => `t${n}`)])
      come(1, good, type);
    const text = JSON.stringify(states);
    for (const value of ["Zebulina", "5550177", "250"]) expect(text).not.toContain(value);
    const [state] = states.filter(({ path }: FieldState) => path === "data.name");
    expect(Object.keys(state?.came ?? {})).toHaveLength(10);
    expect(Object.getPrototypeOf(state?.came)).toBe(Object.prototype);
  });
});
