import { describe, expect, it } from "vitest";
import {
  callEventTypes,
  hookEventTypes,
  listens,
  needsAdmin,
  patternMistakes,
  patternsForAdmin,
} from "../../../src/domain/hooks/event-types.ts";

describe("the patterns of a hook", () => {
  it.each([
    [["call.ended"], ["call.ended"]],
    [["call.*"], [...callEventTypes]],
    [["*"], [...hookEventTypes]],
    [
      ["line.*", "call.held"],
      ["call.held", "line.paused", "line.resumed"],
    ],
    [["call.ended", "call.ended"], ["call.ended"]],
    [["call"], []],
    [["call.e*"], []],
    [[".*"], []],
    [["c*"], []],
    [[], []],
  ])("%j choose %j", (patterns, types) => {
    expect(hookEventTypes.filter((type) => listens(patterns, type))).toEqual(types);
  });

  it.each([
    ["call.end", 'unknown event "call.end"; did you mean "call.ended"?'],
    ["Call.Ended", 'unknown event "Call.Ended"; did you mean "call.ended"?'],
    ["call.cancelled", 'unknown event "call.cancelled"; did you mean "call.canceled"?'],
    ["calls.*", 'unknown event "calls.*"; did you mean "call.*"?'],
    ["source.silence", 'unknown event "source.silence"; did you mean "source.silent"?'],
  ])("refuse %s with the nearest name", (pattern, reason) => {
    expect(patternMistakes(["call.held", pattern])).toEqual([{ index: 1, reason }]);
  });

  it.each(["", "order.created", "x".repeat(1_000_000), "__proto__", "constructor"])(
    "refuse a name that is like none, with all names",
    (pattern) => {
      const [mistake, ...others] = patternMistakes([pattern]);
      expect(others).toEqual([]);
      expect(mistake?.reason).toContain("the events are *, call.*,");
      expect(mistake?.reason.length).toBeLessThan(1_000);
    },
  );

  it("are at least one and at most 32", () => {
    expect(patternMistakes([])).toHaveLength(1);
    expect(patternMistakes(Array(32).fill("call.ended"))).toEqual([]);
    expect(patternMistakes(Array(33).fill("call.end"))).toEqual([{ index: 32, reason: "at most 32 events" }]);
  });

  it("need admin for each event that is not of a call", () => {
    expect(hookEventTypes.filter((type) => !needsAdmin(type))).toEqual(callEventTypes);
    expect(patternsForAdmin(["call.*", "call.ended", "*", "hook.*", "line.paused"])).toEqual([
      "*",
      "hook.*",
      "line.paused",
    ]);
  });
});
