import { describe, expect, it } from "vitest";
import type { JsonValue } from "../../../src/domain/json.ts";
import { observeCountries } from "../../../src/domain/plan/country-watch.ts";
import { driftOf, freshField } from "../../../src/domain/plan/field-watch.ts";
import type { RuleDefinition } from "../../../src/domain/rules/rule.ts";
import { compileRules } from "../../../src/domain/rules/source-rules.ts";
import { event, now, rule } from "../scene.ts";

const countryAgreedMin = 20;
/** The report about one rule's number after some payloads. */
function watch(definition: Partial<RuleDefinition> = {}, path = "data.phone", home: string | null = "US") {
  const state = freshField({ rule: "r", path });
  let version = 1;
  return {
    mend: () => {
      version++;
    },
    come(data: JsonValue, times = 1) {
      const { rules } = compileRules([
        { name: "r", version, definition: { ...rule, when: "true", number: `{{ ${path} }}`, ...definition } },
      ]);
      for (let n = 0; n < times; n++)
        observeCountries(rules, [state], { ...event, data }, { slug: "shop", country: home, zone: null });
      return driftOf(state);
    },
    state,
  };
}

const told = (address: string, to = "MX", from = "US") => ({
  drift: { code: "country_differs", since: now, from, to },
  address,
});
const abroad = "55 1234 5678";

describe("an address that names another country than the number was read by is told", () => {
  it.each<[string, path: string, data: JsonValue, address: string]>([
    [
      "in the object that holds the number",
      "data.shipping_address.phone",
      { shipping_address: { phone: abroad, country: "Mexico", country_code: "MX" } },
      "data.shipping_address.country_code",
    ],
    ["beside the number", "data.phone", { phone: abroad, country: "México" }, "data.country"],
    [
      "in another object",
      "data.phone",
      { phone: abroad, billing: { address: { countryCode: "MEX" } } },
      "data.billing.address.countryCode",
    ],
    [
      "of a CRM's record",
      "data.sObject.Phone",
      { sObject: { Phone: abroad, MailingCountry: "Mexico" } },
      "data.sObject.MailingCountry",
    ],
    [
      "of a contact's properties",
      "data.phone",
      { phone: abroad, contact: { properties: { country_iso2: "mx" } } },
      "data.contact.properties.country_iso2",
    ],
  ])("%s", (_, path, data, address) => {
    const { come, state } = watch({}, path);
    const expected = told(address);
    expect(come(data)).toEqual(expected.drift);
    expect(state.country?.address).toBe(expected.address);
    expect(JSON.stringify(state)).not.toContain("1234");
  });

  it("also if the number could not be read at all", () => {
    const { come } = watch({}, "data.phone", null);
    expect(come({ phone: abroad, country: "MX" })).toMatchObject({ from: "none", to: "MX" });
  });

  it("until the rule is saved anew, or enough addresses agree", () => {
    const { come, mend } = watch();
    come({ phone: abroad, country: "MX" });
    expect(come({ phone: "415-555-0100", country: "US" }, countryAgreedMin - 1)).toMatchObject({ to: "MX" });
    expect(come({ phone: "415-555-0100", country: "US" })).toBeNull();
    come({ phone: abroad, country: "MX" });
    mend();
    expect(come({ phone: "415-555-0100", country: "US" })).toBeNull();
  });
});

describe("nothing is told of", () => {
  it.each<[string, JsonValue]>([
    ["a number with its calling code", { phone: "+14155550100", country: "MX" }],
    ["a number that is the same in both countries", { phone: "416-555-0100", country: "CA" }],
    ["a number that is none in the address's country", { phone: "415-555-0100", country: "Iceland" }],
    ["one address of two that agrees", { phone: abroad, shipping: { country: "US" }, billing: { country: "MX" } }],
    ["a country that cannot be read", { phone: abroad, country: "Narnia" }],
    ["a product's country of origin", { phone: abroad, customer: { country_of_origin: "MX", origin_country: "MX" } }],
    ["an object that is no address", { phone: abroad, line_item: { country: "MX" } }],
    ["a payload without an address", { phone: abroad }],
    ["no number", { phone: "", country: "MX" }],
  ])("%s", (_, data) => {
    expect(watch().come(data)).toBeNull();
  });

  it("a rule whose country is the address's", () => {
    const { come } = watch({ country: "{{ data.country }}" });
    expect(come({ phone: abroad, country: "MX" })).toBeNull();
  });

  it("an event that is not the rule's", () => {
    expect(watch({ when: 'data.kind == "order"' }).come({ phone: abroad, country: "MX", kind: "cart" })).toBeNull();
    expect(watch({ on: ["orders/deleted"] }).come({ phone: abroad, country: "MX" })).toBeNull();
  });

  it("an address behind more objects than are searched", () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`o${index}`, { x: {} }]));
    expect(watch().come({ phone: abroad, ...many, address: { country: "MX" } })).toBeNull();
  });
});
