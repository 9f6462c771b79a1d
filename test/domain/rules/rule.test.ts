import { describe, expect, it } from "vitest";
import { burstDefault, expiresDefaultMs } from "../../../src/domain/limits.ts";
import { compileRule, type RuleDefinition } from "../../../src/domain/rules/rule.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";

const good: RuleDefinition = {
  mode: "live",
  on: ["orders/updated"],
  when: "data.total > 100.0",
  withdraw: "data.cancelled_at != null",
  also: true,
  once_per: { key: "{{ data.id }}", in: "30d" },
  line: "support",
  number: ["{{ data.phone }}", "{{ data.mobile }}"],
  test_number: "+1 415 555 0177",
  about: "The customer is {{ data.name }}.",
  prompt: { text: "Be kind.", overwrite: true },
  greeting: "Hello.",
  zone: "{{ data.zone }}",
  expires: "4h",
  burst: { calls: 50, in: "10m" },
  try_again: { on: ["no_answer", "busy"], after: ["2h", "1d"] },
};
const HOUR_MS = 3_600_000;

function compiled(definition: RuleDefinition) {
  const made = compileRule("call-me", 3, definition);
  if (!made.ok) throw new Error(JSON.stringify(made.mistakes));
  return made.rule;
}

describe("a rule", () => {
  it("that says everything is compiled with everything", () => {
    expect(compiled(good)).toMatchObject({
      name: "call-me",
      version: 3,
      mode: "live",
      on: ["orders/updated"],
      also: true,
      oncePer: { windowMs: 30 * 24 * HOUR_MS },
      line: "support",
      testNumber: "+14155550177",
      prompt: { overwrite: true },
      expiresMs: 4 * HOUR_MS,
      burst: { calls: 50, windowMs: 600_000 },
      tryAgain: { on: ["no_answer", "busy"], afterMs: [2 * HOUR_MS, 24 * HOUR_MS] },
    });
    expect(compiled(good).numbers).toHaveLength(2);
  });

  it("that says only what it must is in shadow, for every type, within the default limits", () => {
    expect(compiled({ line: "support", number: "{{ data.phone }}", about: "Ring." })).toMatchObject({
      mode: "shadow",
      on: null,
      when: null,
      withdraw: null,
      also: false,
      oncePer: null,
      testNumber: null,
      prompt: null,
      greeting: null,
      zone: null,
      expiresMs: expiresDefaultMs,
      burst: burstDefault,
      tryAgain: null,
    });
  });

  it("may give its prompt as a text, which overwrites nothing", () => {
    expect(compiled({ ...good, prompt: "Be kind." }).prompt?.overwrite).toBe(false);
    expect(compiled({ ...good, prompt: { text: "Be kind." } }).prompt?.overwrite).toBe(false);
  });

  it.each<[string, Partial<RuleDefinition>, string]>([
    ["a condition that is no CEL", { when: "data.total >" }, "when"],
    ["a condition that is empty", { when: " " }, "when"],
    ["a condition that gives no truth", { when: '"yes"' }, "when"],
    ["a withdrawal that is no CEL", { withdraw: "data. == 1" }, "withdraw"],
    ["a key that is no Liquid", { once_per: { key: "{{ data.id", in: "1d" } }, "once_per.key"],
    ["a time of the key that is none", { once_per: { key: "{{ data.id }}", in: "soon" } }, "once_per.in"],
    ["a number that is no Liquid", { number: "{{ data.phone | nothing }}" }, "number"],
    ["a second number that is no Liquid", { number: ["{{ data.phone }}", "{{"] }, "number.1"],
    ["an about with a tag that is not allowed", { about: '{% include "x" %}' }, "about"],
    ["a prompt that is no Liquid", { prompt: "{% if %}" }, "prompt"],
    ["a long prompt that is no Liquid", { prompt: { text: "{{ }}" } }, "prompt.text"],
    ["a greeting that is no Liquid", { greeting: "{{ data.name" }, "greeting"],
    ["a zone that is no Liquid", { zone: "{{" }, "zone"],
    ["an end without a unit", { expires: "4" }, "expires"],
    ["an end that is no time at all", { expires: "0h" }, "expires"],
    ["a burst's time that is none", { burst: { calls: 1, in: "10 minutes" } }, "burst.in"],
    ["a pause that is none", { try_again: { on: ["busy"], after: ["2h", "later"] } }, "try_again.after.1"],
    ["mode test without a number to ring", { mode: "test", test_number: undefined }, "test_number"],
    ["a test number without its country", { test_number: "415 555 0177" }, "test_number"],
    ["a test number that is never rung", { test_number: "+1 900 555 0100" }, "test_number"],
  ])("with %s is refused at its field", (_, deviation, path) => {
    const made = compileRule("call-me", 1, { ...good, ...deviation });
    if (made.ok) throw new Error("no mistake");
    expect(made.mistakes.map((mistake) => mistake.path.join("."))).toEqual([path]);
    expect(made.mistakes[0]?.reason).not.toBe("");
  });

  it("shows a mistake within a text by its line and column", () => {
    const made = compileRule("call-me", 1, { ...good, about: "Hello.\n  {{ data.name | nothing }}" });
    expect(made).toMatchObject({ ok: false, mistakes: [{ path: ["about"], line: 2, column: expect.any(Number) }] });
  });

  it("whose mistake a parser found inside of a character says so in a text that can be stored", () => {
    const made = compileRule("call-me", 1, { ...good, when: "😀" });
    expect(made.ok ? "" : made.mistakes[0]?.reason).toMatch(/\ufffd/);
    expect(made.ok ? "" : made.mistakes[0]?.reason.isWellFormed()).toBe(true);
  });

  it("with several mistakes shows them all", () => {
    const made = compileRule("call-me", 1, { ...good, when: "(", about: "{{", expires: "x" });
    expect(made.ok ? [] : made.mistakes.map(({ path }) => path[0])).toEqual(["when", "about", "expires"]);
  });
});

describe("the rules of a source", () => {
  it("keep their order, and those that no longer compile are named with their reason and stop no other", () => {
    const definitions = ["one", "two", "three"].map((name, index) => ({
      name,
      version: index + 1,
      definition: name === "two" ? { ...good, when: "((", expires: "x" } : good,
    }));
    const { rules, broken } = compileRules(definitions);
    expect(rules.map(({ name, version }) => [name, version])).toEqual([
      ["one", 1],
      ["three", 3],
    ]);
    expect(broken).toEqual([{ name: "two", version: 2, reason: expect.stringMatching(/^when: .+; expires: .+/) }]);
  });
});
