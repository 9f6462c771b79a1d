import { expect, test } from "vitest";
import { filledRule, mistakesByField, type RuleShown, ruleDocument } from "../../../src/pages/rules/rule-fields.ts";

const plain: RuleShown = {
  ...{ name: "call-me", mode: "shadow", position: 0, version: 3, saved_at: null, saved_by: "Ada" },
  ...{ line: "support-en", number: "{{ data.phone }}", about: "Order {{ data.name }}." },
};

test.each<[string, Partial<RuleShown>]>([
  ["nothing more", {}],
  ["numbers as a list of one", { number: ["{{ data.phone }}"] }],
  ["a prompt as a text", { prompt: "Be brief." }],
  ["a prompt that overwrites", { prompt: { text: "Be brief.", overwrite: true } }],
  ["a prompt that says that it does not", { prompt: { text: "Be brief.", overwrite: false } }],
  ["one country", { country: "{{ data.country }}" }],
  ["a list of countries", { country: ["US", "CA"] }],
  ["a list of one country", { country: ["US"] }],
  ["once per key", { once_per: { key: "{{ data.id }}", in: "30d" } }],
  ["a burst", { burst: { calls: 20, in: "1h" } }],
  ["further tries, in any order", { try_again: { on: ["busy", "no_answer"], after: ["2h", "1d"] } }],
  ["no record", { fetch: [] }],
  ["records", { fetch: ["ticket", "contact"] }],
  ["also", { also: true }],
  ["also said to be false", { also: false }],
  ["a test number", { test_number: "+14155550100" }],
])("The form of a rule with %s, sent back unchanged, changes nothing.", (_, more) => {
  const {
    name: _name,
    mode: _mode,
    position: _position,
    version: _version,
    saved_at: _at,
    saved_by: _by,
    ...document
  } = {
    ...plain,
    ...more,
  };
  expect(ruleDocument(filledRule({ ...plain, ...more }), { ...plain, ...more })).toEqual(document);
});

test("A value that cannot be right goes to the API as it was typed, which says why.", () => {
  const form = filledRule(plain);
  form.set("burst.calls", "many");
  form.set("once_per.in", "30d");
  expect(ruleDocument(form, plain)).toMatchObject({
    burst: { calls: "many", in: "" },
    once_per: { key: "", in: "30d" },
  });
});

test.each([
  [["burst", "calls"], "burst.calls"],
  [["burst"], "burst.calls"],
  [["once_per", "key"], "once_per.key"],
  [["try_again", "after", 1], "try_again.after"],
  [["try_again", "on"], "try_again.no_answer"],
  [["prompt", "text"], "prompt"],
  [["rules", 2, "number", 0], "number"],
])("A mistake at %j stands beside the field %s.", (path, field) => {
  expect([...mistakesByField([{ path, reason: "is wrong" }]).keys()]).toEqual([field]);
});
