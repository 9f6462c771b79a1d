import { expect, test } from "vitest";
import { type Maker, ringsAnyway } from "../../../src/domain/calls/rings-anyway.ts";

const call = (mode: string, maker: Maker | null) => ringsAnyway({ source: "shop", rule: "call-me", mode, maker });
const open = (ruleMode: Maker["ruleMode"]): Maker => ({ closed: false, ruleMode });

test.each<[string, Maker | null, string | null, string]>([
  ["live", open("off"), "anyway_rule_off", 'The rule "call-me" is off. '],
  ["test", open("off"), "anyway_rule_off", 'The rule "call-me" is off. '],
  ["live", open(null), "anyway_rule_off", 'The rule "call-me" was removed. '],
  ["live", open("shadow"), "anyway_rule_off", 'The rule "call-me" is in shadow mode. '],
  ["live", open("test"), "anyway_rule_off", 'The rule "call-me" is in test mode. '],
  ["live", { closed: true, ruleMode: null }, "anyway_closed", 'The source "shop" is closed. '],
  ["live", { closed: true, ruleMode: "live" }, "anyway_closed", 'The source "shop" is closed. '],
  ["live", open("live"), null, ""],
  ["test", open("test"), null, ""],
  ["test", open("live"), null, ""],
  ["live", null, null, ""],
])("says of a %s call whose maker is %j: %s", (mode, maker, reason, fact) => {
  const said = call(mode, maker);
  expect(said?.reason ?? null).toBe(reason);
  expect(said?.sentence.startsWith(fact) ?? true).toBe(true);
});
