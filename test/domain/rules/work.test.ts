import { EvaluationError } from "@marcbachmann/cel-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { conditionWork } from "../../../bench/work/conditions.ts";
import { conditionRun, textRun } from "../../../bench/work/run.ts";
import { filterWork, nodeWork, operatorWork } from "../../../bench/work/texts.ts";
import { compileCondition, evaluateCondition } from "../../../src/domain/rules/condition/condition.ts";
import { withoutStacks } from "../../../src/domain/rules/condition/failures.ts";
import { freshBudget, meterOf } from "../../../src/domain/rules/condition/meter.ts";
import {
  conditionFunctions,
  conditionMacros,
  conditionMethods,
  conditionOperators,
} from "../../../src/domain/rules/condition/vocabulary.ts";
import { buildContext } from "../../../src/domain/rules/context.ts";
import { filters } from "../../../src/domain/rules/text/filters.ts";
import type { RenderNote } from "../../../src/domain/rules/text/rendering.ts";
import { compileText, renderText } from "../../../src/domain/rules/text/text.ts";

const event = { id: "1", type: "order", occurredAt: 0, source: "acme" };
const tooMuch = { ok: false, path: null, detail: "the condition is too much work for this payload" };

function compiled(source: string) {
  const made = compileCondition(source);
  if (!made.ok) throw new Error(`${source}: ${made.mistake.reason}`);
  return made.condition;
}

function decide(source: string, data: unknown) {
  const account = { left: 1e9 };
  const answer = evaluateCondition(compiled(source), { ...buildContext(event, data, null), account });
  return { answer, weight: 1e9 - account.left };
}

function rendered(source: string, data: unknown) {
  const made = compileText(source, "about");
  if (!made.ok) throw new Error(made.mistake.reason);
  const account = { left: 1e9 };
  const answer = renderText(made.text, { ...buildContext(event, data, null), account });
  return { answer, weight: 1e9 - account.left };
}

const namesOf = (works: readonly { readonly name: string }[]) => [...new Set(works.map(({ name }) => name))].sort();

describe("work of rules that is known at its worst", () => {
  it.each([
    ["functions", conditionFunctions],
    ["methods", conditionMethods],
    ["macros", conditionMacros],
    ["operators", conditionOperators],
  ] as const)("has an entry for each of the %s that a condition may use", (kind, registered) => {
    expect(namesOf(conditionWork[kind])).toEqual([...registered].sort());
  });

  it("has an entry for each filter that a text may use", () => {
    expect(Object.keys(filterWork).sort()).toEqual(Object.keys(filters).sort());
    for (const uses of Object.values({ ...filterWork, ...operatorWork, ...nodeWork })) expect(uses).not.toEqual([]);
  });

  it.each(
    Object.values(conditionWork)
      .flat()
      .map(({ name, source, least }) => [name, source, least] as const),
  )("is charged, whether it succeeds or fails: %s in %s", (_name, source, least) => {
    const { weight, isRefused } = conditionRun(source)();
    expect(isRefused).toBe(false);
    expect(weight).toBeGreaterThanOrEqual(least);
  });

  it.each(
    [filterWork, operatorWork, nodeWork]
      .flatMap((table) => Object.entries(table))
      .flatMap(([name, uses]) => uses.map(({ source, least }) => [name, source, least] as const)),
  )("is charged in a text: %s in %s", (_name, source, least) => {
    const { weight, isRefused } = textRun(source)();
    expect(isRefused).toBe(false);
    expect(weight).toBeGreaterThanOrEqual(least);
  });
});

describe("a part of a condition that fails", () => {
  const bare = Array.from({ length: 1_000 }, () => ({ s: "x", n: 5 }));
  const terms = (term: string) => Array(40).fill(term).join(" || ");

  it.each([
    "i.gone",
    "i.gone.gone.gone",
    'i["gone"] == 1',
    "i.n > 'a'",
    "i.n.contains('a')",
    "number(i.s) > 1.0",
    "double(i.s) > 1.0",
    "int(i.s) > 1",
    "bool(i.s)",
    "timestamp(i.s) > timestamp(0)",
    "parseJson(i.s).a",
    "1 / 0 > 1",
    "1 % 0 > 1",
    "data.l[5000].gone",
    "has(i.gone.gone)",
    "!i.n",
    "(i.n ? true : false)",
    "(i.n && i.n)",
    "duration(i.s) > duration('1s')",
    "i.s.substring(9) == 'a'",
    "i.s.indexOf('aa', 9) == 1",
  ])("ends the evaluation when many of them are too much, and no `||` or macro hides that: %s", (term) => {
    for (const body of [terms(term), `${terms(term)} || ${terms(term)}`]) {
      for (const source of [
        `data.l.all(i, data.l2.all(j, ${body}))`,
        `data.l.exists(i, data.l2.exists(j, ${body})) || true`,
        `true || data.l.exists(i, data.l2.exists(j, ${body}))`,
        `!(data.l.exists(i, data.l2.exists(j, ${body})) && false)`,
      ]) {
        if (source.length > 4_000) continue;
        const made = compileCondition(source);
        // Twice forty terms have more nodes than a condition may.
        if (!made.ok) continue;
        const { answer, weight } = decide(source, { l: bare.slice(0, 70), l2: bare.slice(0, 70) });
        if (source.startsWith("true ||")) expect(answer).toEqual({ ok: true, value: true });
        else expect(answer, source).toEqual(tooMuch);
        expect(weight).toBeLessThan(110_000);
      }
    }
  });

  it("costs its weight before it runs: the budget ends within one turn", () => {
    const { weight } = decide(`data.l.all(i, ${terms("i.gone.gone")})`, { l: bare });
    expect(weight).toBeGreaterThan(100_000);
    expect(weight).toBeLessThan(100_000 + 200);
    const account = { left: 50 };
    const context = { ...buildContext(event, {}, null), account };
    expect(evaluateCondition(compiled(terms("1 / 0 > 1")), context)).toMatchObject({ ok: false, path: null });
    expect(account.left).toBeLessThanOrEqual(0);
  });

  it("is not said to be too much itself where other rules used the budget", () => {
    const together = {
      ok: false,
      path: null,
      detail: "this condition and those before it are too much work for one event",
    };
    const on = (left: number, source: string) =>
      evaluateCondition(compiled(source), { ...buildContext(event, { l: bare }, null), account: { left } });
    for (const source of ['data.l.exists(i, i.sku == "A")', terms("data.l[0].n == 6"), "1 == 2 || 1 == 3"])
      for (const left of [1, 0, -5]) expect(on(left, source), `${source} ${left}`).toEqual(together);
    expect(on(1e9, `data.l.all(i, ${terms("i.gone.gone")})`)).toEqual(tooMuch);
    expect(on(50_000, `data.l.all(i, ${terms("i.gone")})`)).toEqual(together);
    // Too many elements are too many for any budget.
    expect(on(50_000, "data.l.map(a, data.l).all(b, b.exists(c, c == 1))")).toMatchObject({ ok: false });
    expect(on(100_000, 'data.l.exists(i, i.sku == "A")')).toMatchObject({ ok: false, path: "data.l[].sku" });
  });

  it("is ordinary in an order of a thousand lines of which few have the field", () => {
    const lines = bare.map((line, at) => (at === 999 ? { ...line, vendor: "Acme" } : line));
    for (const [source, most] of [
      ['data.l.exists(i, i.vendor == "Acme")', 8_000],
      ['data.l.exists(i, i.sku == "A-1" || i.vendor == "Acme")', 15_000],
      ['data.l.exists(i, i.sku in ["A-1", "A-2", "A-3"] || i.vendor.lowerAscii().contains("acme"))', 25_000],
      ['data.l.filter(i, has(i.vendor) && i.vendor == "Acme").size() == 1', 15_000],
      ['data.l.exists(i, has(i.properties) && i.properties.exists(p, p.name == "gift") || i.vendor == "Acme")', 20_000],
    ] as const) {
      const { answer, weight } = decide(source, { l: lines });
      expect(answer, source).toEqual({ ok: true, value: true });
      expect(weight, source).toBeLessThan(most);
    }
    const items = Array.from({ length: 69 }, () => ({}));
    const gift = 'data.items.exists(i, data.items.exists(p, p.name == "gift" || p.label == "gift"))';
    expect(decide(gift, { items }).answer).toEqual({
      ok: false,
      path: "data.items[].label",
      detail: expect.any(String),
    });
  });

  it.each([
    "data.l.all(i, i.gone == 1)",
    "data.l.exists(i, data.l.exists(j, j.gone.gone))",
    "data.l.exists_one(i, i.gone)",
    "data.l.map(i, i.gone).size() == 1",
    "data.l.map(i, i.n > 1, i.gone).size() == 1",
    "data.l.filter(i, i.gone).size() == 1",
    "data.l.filter(i, i.n).size() == 1",
    "has(data.gone.gone)",
    "data.l[0].s > 1",
    "number(data.l[0].s) > 1.0",
    "data.l.all(i, parseJson(i.s).a == 1)",
    "int(data.l[0].s) == 1",
    "data.l[0].n.split(',').size() == 1",
    "[1, data.gone] == [1]",
    "{'a': data.gone}.a == 1",
    "data.n ? true : false",
    "1 / 0 == 1",
  ])("makes an error without stack and excerpt, which would be most of its cost: %s", (source) => {
    const { run } = compiled(source);
    let caught: unknown = null;
    try {
      const variables = { event: {}, record: null, data: { l: bare.slice(0, 9), n: 5 } };
      withoutStacks(() => run({ ...variables, ...meterOf(freshBudget(1e6, 0)) }));
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof EvaluationError)) throw new Error(`${source} did not fail`);
    expect(caught.message).toBe(caught.summary);
    expect(caught.stack).not.toContain("\n");
  });

  it("leaves the limit of stacks as it was, after a success and after a failure", () => {
    const before = Error.stackTraceLimit;
    expect(decide("data.a == 1", { a: 1 }).answer).toEqual({ ok: true, value: true });
    expect(decide("data.gone == 1", {}).answer).toMatchObject({ ok: false });
    expect(decide("data.l.all(i, data.l.all(j, i == j))", { l: bare }).answer).toEqual(tooMuch);
    expect(Error.stackTraceLimit).toBe(before);
    expect(new Error("after").stack).toContain("\n");
  });
});

describe("a text of JSON within a field", () => {
  const note = "Please ring, before noon; { ask: for Ada }, thanks. ".repeat(5);
  const large = JSON.stringify(Array.from({ length: 2_500 }, () => ({ id: 7, note, tags: ["a", "b"], total: 12.5 })));
  const lists = `[${"[],".repeat(300_000)}1]`;
  const keys = `{${Array.from({ length: 70_000 }, (_, at) => `"k${at}":${at}`).join(",")}}`;

  it("may be as large as a payload, if it is what senders write", () => {
    expect(large.length).toBeGreaterThan(700_000);
    expect(decide("parseJson(data.json)[2499].id == 7", { json: large }).answer).toEqual({ ok: true, value: true });
    expect(rendered("{% assign o = data.json | parse_json %}{{ o.last.id }}", { json: large }).answer.ok).toBe(true);
    const quoted = JSON.stringify({ raw: `,${'[{"a":1},{"b":[2]}]'.repeat(40_000)}` });
    expect(decide("size(parseJson(data.json).raw) > 5", { json: quoted }).answer).toEqual({ ok: true, value: true });
  });

  it.each([
    ["lists", lists],
    ["keys", keys],
    ["zeros", `[${"0,".repeat(400_000)}0]`],
    ["maps", `[${"{},".repeat(250_000)}{}]`],
  ])("is refused before it is parsed, if it is nothing but %s", (_what, json) => {
    expect(decide("size(parseJson(data.json)) > 5", { json }).answer).toEqual(tooMuch);
    // One value with all of them in it: what is made says nothing of the work.
    expect(decide("size(parseJson(data.json)) < 3", { json: `[0, ${json}]` }).answer).toEqual(tooMuch);
    const { answer, weight } = rendered("{% assign o = data.json | parse_json %}x", { json });
    expect(answer).toMatchObject({ ok: false, reason: "too_much_work", path: "data.json" });
    expect(weight).toBeLessThan(16_000);
  });
});

describe("a character that stands for many", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each([
    ["\ufdfa".repeat(250), "eighteen"],
    [`(${"\ufdfa".repeat(250)})`, "eighteen, in brackets"],
    ["\u3300".repeat(250), "four"],
    ["\u337f".repeat(60), "four, in an amount"],
    ["\ufdfb".repeat(60), "eight, in an amount"],
  ])("makes no text that is longer than a word or an amount may be: %j (%s)", (sent) => {
    const natives = (["toLowerCase", "replaceAll", "replace"] as const).map((name) => vi.spyOn(String.prototype, name));
    expect(rendered("{% if data.v < 5 %}{% endif %}{{ data.v }}", { v: sent }).answer.ok).toBe(true);
    expect(decide("number(data.v) > 1.0", { v: sent }).answer).toMatchObject({ ok: false, path: "data.v" });
    const lengths = natives.flatMap(({ mock }) => mock.contexts.map((text) => String(text).length));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(sent.length * 4);
  });
});

describe("the notes about a value that a preview shows", () => {
  const notesOf = (v: string) => {
    const made = compileText("{{ data.v }}", "prompt");
    if (!made.ok) throw new Error(made.mistake.reason);
    const notes: RenderNote[] = [];
    const answer = renderText(made.text, buildContext(event, { v }, null), notes);
    return { ok: answer.ok, notes: notes.map(({ note }) => note) };
  };

  it.each([
    ["x".repeat(900_000), ["value_cut"]],
    ["x ".repeat(100), ["value_cut"]],
    [`Ada${" ".repeat(900_000)}`, []],
    [`Ada${" ".repeat(900_000)}Lovelace`, ["value_cut"]],
    [`Ada\u200b${"x".repeat(5_000)}`, ["value_cut", "characters_removed"]],
    ["Ada", []],
  ])("say that it is cut, by as much of it as a text looks at", (v, notes) => {
    const asked = vi.spyOn(String.prototype, "codePointAt");
    expect(notesOf(v)).toEqual({ ok: true, notes });
    expect(asked.mock.calls.length).toBeLessThan(3_000);
    asked.mockRestore();
  });
});

describe("the size of a text", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["ä😀ß", 3],
    ["😀😀", 2],
    ["👨‍👩‍👧", 5],
    ["a\u0301", 2],
    ["\ud83d", 1],
    ["\ude00\ud83d", 2],
    ["x\ud83d\ud83d\ude00\ude00", 4],
  ])("%j is counted in code points", (text, count) => {
    expect(Array.from(text)).toHaveLength(count);
    expect(decide(`size(data.text) == ${count} && data.text.size() == ${count}`, { text }).answer).toEqual({
      ok: true,
      value: true,
    });
  });

  it("of a list or map counts elements and keys", () => {
    const data = { list: [1, 2], map: { a: 1 } };
    const source = "size(data.list) == 2 && data.list.size() == 2 && size(data.map) == 1 && data.map.size() == 1";
    expect(decide(source, data).answer).toEqual({ ok: true, value: true });
    expect(decide("size(data.n) == 1", { n: 5 }).answer).toMatchObject({
      ok: false,
      detail: "data.n: found no matching overload for 'size(double)'",
    });
  });
});
