import { describe, expect, it } from "vitest";
import { checkRule } from "../../../src/domain/config/check.ts";
import { ruleFields } from "../../../src/domain/config/compare.ts";
import { contextOf } from "../../../src/domain/plan/plan.ts";
import { previewEvent } from "../../../src/domain/plan/preview.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { compileText, renderText } from "../../../src/domain/rules/text/text.ts";
import { data, event, now, planned, planSource, rule, support, theCall } from "../scene.ts";

const country = "{{ data.address.country }}";
const abroad = { ...support, countries: ["US", "MX", "DE", "FR"] };
const callOf = (phone: string, named: string | null, definition = {}) =>
  theCall(
    planned({
      rule: { country, ...definition },
      data: { phone, address: { country: named } },
      lines: [abroad],
    }),
  );

describe("the country of a number without a calling code", () => {
  it.each<[string, phone: string, named: string | null, number: string, verdict: Record<string, unknown>]>([
    ["is the rule's", "55 1234 5678", "MX", "+525512345678", { read_as: "MX", read_from: "rule" }],
    ["may be a name", "55 1234 5678", "Mexico", "+525512345678", { read_as: "MX", read_from: "rule" }],
    [
      "is the source's where the rule's is empty, and that is noted",
      "(415) 555-0100",
      "",
      "+14155550100",
      { read_as: "US", read_from: "source", problem: "country_empty", path: "data.address.country" },
    ],
    ["is the source's where the rule's is null", "(415) 555-0100", null, "+14155550100", { problem: "country_empty" }],
    [
      "is not needed by a number with one",
      "+52 55 1234 5678",
      "Narnia",
      "+525512345678",
      { read_as: null, read_from: "rule", problem: "country_unreadable" },
    ],
  ])("%s", (_, phone, named, number, verdict) => {
    const call = callOf(phone, named);
    expect(call).toMatchObject({ status: "queued", number });
    expect(call.verdicts[0]).toMatchObject({ gate: "countries", verdict: "pass", inputs: verdict });
  });

  it.each(["Narnia", "N/A?", "52", "We sell to Mexico and to the United States", "X".repeat(600)])(
    "is never the source's if it cannot be read: %j",
    (named) => {
      const call = callOf("55 1234 5678", named);
      expect(call).toMatchObject({
        status: "skipped",
        reason: "country_unreadable",
        number: null,
        detail: { detail: "has no calling code, and its country cannot be read", path: "data.address.country" },
      });
      expect(JSON.stringify(call)).not.toContain(named);
    },
  );

  it("may be named for each of several numbers", () => {
    const call = theCall(
      planned({
        rule: { number: ["{{ data.a }}", "{{ data.b }}"], country: ["{{ data.ac }}", "{{ data.bc }}"] },
        data: { a: "reception", ac: "DE", b: "06 12 34 56 78", bc: "France" },
        lines: [abroad],
      }),
    );
    expect(call).toMatchObject({ status: "queued", number: "+33612345678" });
    expect(call.verdicts[0]?.inputs).toMatchObject({ read_as: "FR" });
  });

  it("leaves no trace in the verdict of a rule that names none", () => {
    expect(theCall(planned()).verdicts[0]?.inputs).toEqual({ country: "US", allowed: ["US"], line: "support" });
  });
});

describe("an ambiguous number", () => {
  it("is skipped with both readings, and those who may not see numbers see the countries", () => {
    const call = theCall(planned({ source: { country: "DE" }, data: { phone: "33612345678" } }));
    expect(call).toMatchObject({
      status: "skipped",
      reason: "number_ambiguous",
      detail: {
        detail: "may be one of DE, or with a plus one of FR",
        countries: ["DE", "FR"],
        readings: [
          { number: "+4933612345678", country: "DE" },
          { number: "+33612345678", country: "FR" },
        ],
      },
    });
  });
});

describe("a rule's country", () => {
  it.each<[string, string | string[], (string | number)[], RegExp]>([
    ["that is no country", "Narnia", ["country"], /not a country/],
    ["that is one of a list and none", ["US"], [], /^$/],
    ["of another number of numbers", ["US", "MX"], ["country"], /2 countries for 1 numbers/],
    ["that is no template", "{{ data.", ["country"], /./],
  ])("%s is a mistake, by its place", (_, named, path, reason) => {
    const mistakes = checkRule("r", { ...rule, country: named }, []);
    if (path.length === 0) expect(mistakes).toEqual([]);
    else expect(mistakes).toMatchObject([{ path, reason: expect.stringMatching(reason) }]);
  });

  it("is exported and compared", () => {
    expect(ruleFields({ ...rule, country })).toHaveProperty("country", country);
  });

  it("is explained by a preview: who named it, and what is wrong with it", () => {
    const source = compileRules([{ name: "r", version: 1, definition: { ...rule, country } }]);
    const [seen] = previewEvent(
      { ...event, data: { ...data, phone: "55 1234 5678", address: { country: "Narnia" } } },
      source,
      { source: planSource, lines: new Map([["support", abroad]]), nowMs: now },
    );
    expect(seen).toMatchObject({
      reason: "country_unreadable",
      broken: { field: "country", path: "data.address.country", problem: "country_unreadable" },
      numbers: [{ readAs: null, readFrom: "rule", number: null }],
      notes: [{ note: "country_unreadable", field: "country", path: "data.address.country" }],
    });
    expect(seen?.read.map(({ path }) => path)).toContain("data.address.country");
  });
});

describe("a number's text", () => {
  it.each<[string, template: string, phone: string, text: string]>([
    ["has no white space around it", "  {{ data.none }} {{ data.phone }}", " 33612345678\n", "33612345678"],
    ["has its entities decoded", "{{ data.phone }}", "&#43;33&nbsp;6 12&#32;34&#x20;56 78", "+33 6 12 34 56 78"],
    ["has them decoded once", "{{ data.phone }}", "&amp;#43;33612345678", "&#43;33612345678"],
    ["is decoded before its letters are cut", "{{ data.phone | slice: 0, 3 }}", "&#43;33612345678", "+33"],
    [
      "is decoded where a default gives it",
      "{{ data.none | default: data.phone }}",
      "&plus;33612345678",
      "+33612345678",
    ],
    [
      "is decoded through assign and in a loop",
      "{% assign n = data.phone %}{% for c in data.phones %}{{ c }}{% endfor %}{{ n }}",
      "&#43;33612345678",
      "+33612345678",
    ],
  ])("%s", (_, template, phone, text) => {
    const compiled = compileText(template, "number");
    if (!compiled.ok) throw new Error("the template does not compile");
    const context = contextOf(event, "shop", { phone, phones: [] });
    expect(renderText(compiled.text, context)).toMatchObject({ ok: true, value: text });
  });

  it.each<[phone: string, named: string, number: string]>([
    ["&#43;33612345678", "", "+33612345678"],
    ["+33&nbsp;6&nbsp;12&nbsp;34&nbsp;56&nbsp;78", "", "+33612345678"],
    ["&plus;49 &lpar;0&rpar; 1512 3456789", "", "+4915123456789"],
    ["(415)&#160;555&#8209;0100", "", "+14155550100"],
    ["55&#32;1234&#32;5678", "M&eacute;xico", "+525512345678"],
    ["06 12 34 56 78", "Fran&#231;a", "+33612345678"],
  ])("with HTML entities is rung: %s of %j", (phone, named, number) => {
    expect(callOf(phone, named)).toMatchObject({ status: "queued", number });
  });

  it("a key is as it was sent, so that a decoded one is no other customer's", () => {
    const compiled = compileText("{{ data.phone }}", "value");
    if (!compiled.ok) throw new Error("the template does not compile");
    expect(renderText(compiled.text, contextOf(event, "shop", { phone: "a&amp;b" }))).toMatchObject({
      value: "a&amp;b",
    });
  });
});
