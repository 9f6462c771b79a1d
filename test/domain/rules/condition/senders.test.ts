/** Conditions over amounts, times and ids as senders write them. */
import { describe, expect, it } from "vitest";
import { checkRule } from "../../../../src/domain/config/check.ts";
import { mixedComparisons } from "../../../../src/domain/rules/condition/comparisons.ts";
import { compileCondition, evaluateCondition } from "../../../../src/domain/rules/condition/condition.ts";
import { buildContext } from "../../../../src/domain/rules/context.ts";
import { rule } from "../../scene.ts";

const event = { id: "evt_1", type: "t", occurredAt: Date.parse("2026-11-27T12:00:00Z"), source: "shop" };
const contextOf = (data: unknown) => buildContext(event, data, null);

function decide(source: string, data: unknown) {
  const made = compileCondition(source);
  if (!made.ok) throw new Error(`${source}: ${made.mistake.reason}`);
  return evaluateCondition(made.condition, contextOf(data));
}

describe("a condition reads an amount", () => {
  it.each<[string, unknown]>([
    ["double(data.total) > 1000.0", "1,299.00"],
    ["double(data.total) > 1000", "$1,299"],
    ["number(data.total) > 1000", "1.299,00 €"],
    ["number(data.total) == 1299", 1299],
    ["number(data.total) >= 1299.0", "1299"],
    ['number(data.total, ",") == 1299', "1.299"],
    ['number(data.total, ".") < 2', "1.299"],
    ["double(data.total) < 2.0", "1.299"],
    ["number(data.total) < 0", "(12.50)"],
    ["[data].exists(i, number(i.total) > 1000)", "1 299,00"],
    ["number(5) == 5.0 && number(5.5) > 5", ""],
  ])("%s of %j", (source, total) => {
    expect(decide(source, { total })).toEqual({ ok: true, value: true });
  });

  it.each<[string, unknown, string]>([
    ["number(data.total) > 1", "abc", "is not a number"],
    ["number(data.total) > 1", "", "is not a number"],
    ["number(data.total) > 1", "1.299", 'name its decimal sign: number(…, ".") or number(…, ",")'],
    ["double(data.total) > 1.0", "Infinity", "is not a number"],
    ["double(data.total) > 1.0", "NaN", "is not a number"],
    ["double(data.total) > 1.0", "9".repeat(1_000_000), "is not a number"],
    ["double(data.total) > 1.0", null, "found no matching overload for 'double(null)'"],
    ['number(data.total, "x") > 1', "5", 'a decimal sign is "." or ","'],
    ["data.total > 1000", "1299", "write number(…) around the text"],
    ["timestamp(data.total) > timestamp(event.occurred_at)", "soon", "is not a time"],
  ])("or says why not: %s of %j", (source, total, detail) => {
    const made = decide(source, { total });
    expect(made).toMatchObject({ ok: false, path: "data.total", detail: expect.stringContaining(detail) });
    if (typeof total === "string" && total.length > 2) expect(JSON.stringify(made)).not.toContain(total.slice(0, 20));
  });
});

it.each<unknown>([
  "2026-11-27 10:00:00+00",
  "2026-11-27 05:00:00-05",
  "Fri, 27 Nov 2026 10:00:00 GMT",
  "/Date(1795773600000)/",
  1795773600,
  1795773600000,
  "1795773600000000",
])("a condition reads the time %j as `date` and occurred_at do", (at) => {
  expect(decide('timestamp(data.at) == timestamp("2026-11-27T10:00:00Z")', { at })).toEqual({ ok: true, value: true });
  expect(decide("timestamp(event.occurred_at) - timestamp(data.at) == duration('2h')", { at })).toMatchObject({
    value: true,
  });
  expect(decide("timestamp(data.at).getHours() == 10", { at })).toMatchObject({ value: true });
});

describe("an id of more digits than a number holds, compared as a number,", () => {
  it.each([
    ["data.id == 12345678901234567", 1, 12],
    ["data.id in [1, 12345678901234567]", 1, 16],
    ["has(data.id) &&\ndata.id != 9007199254740993", 2, 12],
    ["data.id == -12345678901234567", 1, 13],
    ["data.id == 12345678901234567.0", 1, 12],
    ["data.items.exists(i, i.id == 12345678901234567)", 1, 30],
    ["data.id == 12345678901234567u", 1, 12],
    ["data.id == 0x2bdc545d6b4b87", 1, 12],
    ["data.id == 0XFFFFFFFFFFFFFFFFu", 1, 12],
    ["data.id != 1.2345678901234567e16", 1, 12],
    ["data.id > 12345678901234567E0", 1, 11],
    ["data.id in [1u, 12345678901234567u]", 1, 17],
  ])("is refused when it is saved: %s", (when, line, column) => {
    expect(checkRule("r", { ...rule, when }, [])).toEqual([
      {
        path: ["when"],
        line,
        column,
        reason: expect.stringMatching(/^\S+ has more digits than a number can hold, .*write "-?\d+"$/),
      },
    ]);
    expect(checkRule("r", { ...rule, withdraw: when }, [])).toMatchObject([{ path: ["withdraw"] }]);
    // A condition that was saved before this check still runs.
    expect(compileCondition(when).ok).toBe(true);
  });

  it.each([
    "data.id == 9007199254740991",
    'data.id == "12345678901234567"',
    "data.id == 1234567890123456",
    "data.total > 1e20",
    "data.total < 1.5E+300",
    "data.id == 0x1FFFFFFFFFFFFF",
    "data.id == 9007199254740991u",
    "data.total == 0.12345678901234567",
    "data.total == 1.2345678901234567",
    "data.total == 00000000000000000012",
    "data.total == 5.00000000000000000000",
  ])("and what fits is not: %s", (when) => {
    expect(checkRule("r", { ...rule, when }, [])).toEqual([]);
  });
});

it.each([
  ["data.id == -12345678901234567", "-12345678901234567"],
  ["data.id == - 12345678901234567.0", "-12345678901234567"],
  ["data.id == -(12345678901234567)", "-12345678901234567"],
  ["data.id == --12345678901234567", "12345678901234567"],
  ["data.id == 1 - 12345678901234567", "12345678901234567"],
  ["data.id == -0x2bdc545d6b4b87", "-12345678901234567"],
  ["data.id == 12345678901234567u", "12345678901234567"],
  ["data.id == 1.2345678901234567e19", "12345678901234567000"],
])("and the advice for %s is the text %s", (when, text) => {
  expect(checkRule("r", { ...rule, when }, [])).toMatchObject([{ reason: expect.stringMatching(`write "${text}"$`) }]);
});

describe("a preview names", () => {
  const mixed = (when: string, data: unknown) => {
    const made = compileCondition(when);
    if (!made.ok) throw new Error(made.mistake.reason);
    return mixedComparisons({ when: made.condition, withdraw: null }, contextOf(data));
  };

  it.each<[string, unknown]>([
    ["data.x == 5", "5"],
    ["data.x > 5.5", "7"],
    ["5 != data.x", "5"],
    ["data.x in [5, 6]", "5"],
    ["data.x == -5", "-5"],
    ["data.x == 5u", "5"],
    ["data.x in [5u, 6u]", "5"],
    ['event.type == "t" && (data.y == 1 || data.x >= 5)', "5"],
  ])("a form's text compared with a number: %s", (when, x) => {
    expect(mixed(when, { x })).toEqual([{ note: "text_compared", field: "when", path: "data.x" }]);
  });

  it("a number compared with a text", () => {
    expect(mixed('data.x == "5"', { x: 5 })).toEqual([{ note: "number_compared", field: "when", path: "data.x" }]);
    expect(mixed('data.x in ["5"]', { x: 5 })).toMatchObject([{ note: "number_compared" }]);
  });

  it.each<[string, unknown]>([
    ["data.x == 5", 5],
    ['data.x == "5"', "5"],
    ["number(data.x) == 5", "5"],
    ["data.x == 5", undefined],
    ["data.x == null", "5"],
    ["size(data.x) > 5", "text"],
    ['"vip" in data.x', ["vip"]],
    ["data.x == data.y", "5"],
  ])("nothing where nothing is mixed: %s of %j", (when, x) => {
    expect(mixed(when, { x, y: 5 })).toEqual([]);
  });
});
