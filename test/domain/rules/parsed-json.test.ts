/** JSON within a field: `parse_json` in texts, `parseJson` in conditions. */
import { describe, expect, test } from "vitest";
import { compileCondition, evaluateCondition } from "../../../src/domain/rules/condition/condition.ts";
import { buildContext } from "../../../src/domain/rules/context.ts";
import { compileText, renderText } from "../../../src/domain/rules/text/text.ts";

const event = { id: "e", type: "t", occurredAt: null, source: "acme" };
const raw = JSON.stringify({
  phone: "+14155550100",
  name: "O&#39;Brien &quot;Bob&quot;",
  total: 120,
  tags: ["vip", "new"],
  deep: { a: [1] },
  __proto__: null,
});

function render(source: string, data: unknown): string {
  const made = compileText(source, "about");
  if (!made.ok) throw new Error(made.mistake.reason);
  const text = renderText(made.text, buildContext(event, data, null));
  return text.ok ? text.value.replaceAll(/[«»]/g, "") : `${text.reason}: ${text.detail}`;
}

function decide(source: string, data: unknown): boolean | string {
  const made = compileCondition(source);
  if (!made.ok) throw new Error(JSON.stringify(made));
  const answer = evaluateCondition(made.condition, buildContext(event, data, null));
  return answer.ok ? answer.value : answer.detail;
}

describe("parse_json", () => {
  test.each<[string, unknown, string]>([
    ["{% assign p = data.raw | parse_json %}{{ p.phone }}", { raw }, "+14155550100"],
    ["{% assign p = data.raw | parse_json %}{{ p.name }}", { raw }, `O'Brien "Bob"`],
    ["{% assign p = data.raw | parse_json %}{{ p.tags | join: ', ' }}", { raw }, "vip, new"],
    ["{% assign p = data.raw | parse_json %}{{ p.tags.first }}", { raw: JSON.parse(raw) }, "vip"],
    ["{% assign p = data.raw | parse_json %}{% for t in p.tags %}{{ t }};{% endfor %}", { raw }, "vip;new;"],
    ["{% assign p = data.raw | parse_json %}{% if p.total > 100 %}big{% endif %}", { raw }, "big"],
    ["{{ data.raw | parse_json | size }}", { raw: "[1,2,3]" }, "3"],
    [
      "{% assign p = data.raw | parse_json %}{{ p.constructor | default: 'none' }}",
      { raw: '{"constructor":"x"}' },
      "none",
    ],
  ])("%s is read", (source, data, text) => {
    expect(render(source, data).trim()).toContain(text);
  });

  test.each<[string, string]>([
    ["no JSON", "hello"],
    ["half of it", '{"a":'],
    ["too many levels", `${"[".repeat(65)}${"]".repeat(65)}`],
  ])("of %s is held, and quotes nothing", (_what, text) => {
    expect(render("{% assign p = data.raw | parse_json %}{{ p.a }}", { raw: text })).toBe(
      "placeholder: parse_json needs a text of JSON",
    );
  });

  test("of a megabyte within a loop is refused by its work, and once it is read", () => {
    const big = JSON.stringify({ a: "x".repeat(1_000_000) });
    const loop = "{% for i in data.list %}{% assign p = data.raw | parse_json %}{% endfor %}done";
    expect(render(loop, { list: Array(1_000).fill(1), raw: big })).toContain("too_much_work");
    expect(render("{% assign p = data.raw | parse_json %}done", { raw: big })).toContain("done");
  });
});

describe("parseJson", () => {
  test.each<[string, unknown, boolean]>([
    ['parseJson(data.raw).phone == "+14155550100"', { raw }, true],
    ["parseJson(data.raw).total > 100", { raw }, true],
    ["parseJson(data.raw).deep.a[0] == 1", { raw }, true],
    ['"vip" in parseJson(data.raw).tags', { raw }, true],
    ['"missing" in parseJson(data.raw)', { raw }, false],
    ['"total" in parseJson(data.raw)', { raw }, true],
    ['parseJson(data.raw).tags.exists(t, t == "new")', { raw }, true],
    ["data.list.exists(i, parseJson(i.raw).total > 100)", { list: [{ raw }] }, true],
    ['parseJson(data.raw).phone.startsWith("+1")', { raw: JSON.parse(raw) }, true],
  ])("%s is decided", (source, data, expected) => {
    expect(decide(source, data)).toBe(expected);
  });

  test.each<[string, unknown]>([
    ["parseJson(data.raw).phone == 'x'", { raw: "hello" }],
    ["parseJson(data.raw).phone == 'x'", { raw: "[".repeat(100) }],
    ["parseJson(data.missing).phone == 'x'", {}],
    ["parseJson(data.raw).constructor == 'x'", { raw: '{"constructor":"x"}' }],
  ])("%s of what is no JSON fails the condition, with the field", (source, data) => {
    expect(typeof decide(source, data)).toBe("string");
    expect(decide(source, data)).toContain("data.");
  });

  test("takes one value", () => {
    expect(compileCondition("parseJson() == 1").ok).toBe(false);
    expect(compileCondition("parseJson(data.a, data.b) == 1").ok).toBe(false);
  });

  test("of a megabyte within a loop is refused by its work, and once it is decided", () => {
    const big = JSON.stringify({ a: "x".repeat(1_000_000) });
    const loop = 'data.list.all(i, parseJson(data.raw).a != "y")';
    expect(decide(loop, { list: Array(1_000).fill(1), raw: big })).toContain("too much work");
    expect(decide('parseJson(data.raw).a != "y"', { raw: big })).toBe(true);
  });
});
