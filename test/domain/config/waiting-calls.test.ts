import { describe, expect, test } from "vitest";
import { type ConfigPlan, emptyPlan } from "../../../src/domain/config/change-plan.ts";
import type { ConfigWrite } from "../../../src/domain/config/stored.ts";
import { callStops as stopsOf, type WaitingChoice } from "../../../src/domain/config/waiting-calls.ts";
import type { RuleMode } from "../../../src/domain/rules/rule.ts";

const save = (mode: RuleMode | undefined, name = "call-me"): ConfigWrite => {
  const definition = { line: "l", number: "n", about: "a", ...(mode === undefined ? {} : { mode }) };
  return { do: "save_rule", source: "shop", name, position: 1, definition } as ConfigWrite;
};
const remove = (name = "call-me"): ConfigWrite => ({ do: "remove_rule", source: "shop", name });
const callStops = (writes: ConfigWrite[], waiting: WaitingChoice) => stopsOf({ ...emptyPlan(), writes }, waiting);
const stop = { do: "stop_calls", source: "shop", rule: "call-me", reason: "rule_off", waiting: "cancel" };

/** The modes of calls that a rule stops when it is saved so, whatever it was before. */
const byMode: readonly (readonly [RuleMode | undefined, readonly string[]])[] = [
  ["live", []],
  ["test", ["live"]],
  ["shadow", ["live", "test"]],
  ["off", ["live", "test"]],
  // The default of a rule that says nothing.
  [undefined, ["live", "test"]],
];

describe("a change of the configuration stops calls that wait", () => {
  test.each(byMode)("of a rule that is saved as %s: those of the modes %j", (mode, modes) => {
    expect(callStops([save(mode)], "cancel")).toEqual(modes.length === 0 ? [] : [{ ...stop, modes }]);
  });

  test("of a rule that is removed, in each mode, and says whether they are kept", () => {
    expect(callStops([remove()], "keep")).toEqual([{ ...stop, modes: ["live", "test"], waiting: "keep" }]);
  });

  test("of a source that is closed once, and not of its rules again", () => {
    const closed: ConfigWrite = { do: "disconnect_source", source: "shop" };
    const all = { ...stop, rule: null, modes: null, reason: "source_closed" };
    expect(callStops([save("off"), closed, remove("other")], "cancel")).toEqual([all]);
  });

  test.each(byMode)(
    "of a rule that is saved again as %s: those of the modes %j that an earlier change kept",
    (mode, modes) => {
      const savedAgain = [
        { ...(save(mode) as Extract<ConfigWrite, { do: "save_rule" }>) },
      ] satisfies ConfigPlan["savedAgain"];
      const stops = stopsOf({ ...emptyPlan(), savedAgain }, "cancel");
      expect(stops).toEqual(modes.length === 0 ? [] : [{ ...stop, modes, since: "saved" }]);
    },
  );

  test("of rules that a list lacks, and that were removed before", () => {
    expect(stopsOf({ ...emptyPlan(), listedInFull: ["shop"] }, "keep")).toEqual([
      { ...stop, rule: null, modes: null, waiting: "keep", since: "removed" },
    ]);
  });

  test("of each rule that it names, and of none that it only moves", () => {
    const move: ConfigWrite = { do: "move_rule", source: "shop", name: "moved", position: 2 };
    const stops = callStops([save("off", "one"), move, save("live", "two"), remove("three")], "cancel");
    expect(stops.map(({ rule }) => rule)).toEqual(["one", "three"]);
  });
});
