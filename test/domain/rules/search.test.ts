import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { conditionRun, textRun } from "../../../bench/work/run.ts";
import { firstPlace, lastPlace, splitBy } from "../../../src/domain/rules/search.ts";

/** Two letters only, so that beginnings of the needle come again and again. */
const word = (maxLength: number) => fc.string({ unit: fc.constantFrom("a", "b", "ä", "😀"), maxLength });

const texts = word(60);
const needles = fc.oneof(
  word(12),
  fc.tuple(word(4), fc.nat(6)).map(([part, times]) => part.repeat(times)),
);

describe("a search in linear time", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("finds what the runtime finds, from any offset", () => {
    fc.assert(
      fc.property(texts, needles, fc.integer({ min: 0, max: 130 }), (text, needle, from) => {
        const long = text + needle + text;
        expect(firstPlace(long, needle)).toBe(long.indexOf(needle));
        expect(firstPlace(text, needle, from)).toBe(text.indexOf(needle, from));
        expect(lastPlace(long, needle)).toBe(long.lastIndexOf(needle));
        expect(lastPlace(text, needle, from)).toBe(text.lastIndexOf(needle, from));
      }),
      { seed: 7, numRuns: 3_000 },
    );
  });

  it("splits as the runtime splits, and calls for each piece", () => {
    fc.assert(
      fc.property(texts, needles, fc.integer({ min: 1, max: 5 }), (text, separator, max) => {
        const whole = Array(3).fill(text).join(separator);
        let pieces = 0;
        const all = splitBy(whole, separator, () => {
          pieces += 1;
        });
        expect(all).toEqual(whole.split(separator));
        expect(pieces).toBe(all.length);
        const some = splitBy(whole, separator, () => {}, max);
        const rest = all.length > max ? [all.slice(max - 1).join(separator)] : all.slice(max - 1);
        expect(some).toEqual([...all.slice(0, max - 1), ...rest]);
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it.each([
    ["condition", "data.periods.contains(data.run)"],
    ["condition", "data.periods.indexOf(data.run) > 0"],
    ["condition", "data.periods.indexOf(data.run, 5) > 0"],
    ["condition", "data.periods.lastIndexOf(data.run) > 0"],
    ["condition", "data.periods.lastIndexOf(data.run, 5) > 0"],
    ["condition", "data.periods.split(data.run).size() > 1"],
    ["condition", "data.periods.split(data.run, 2).size() > 1"],
    ["text", "{% if data.periods contains data.run %}{% endif %}x"],
    ["text", "{% assign x = data.periods | split: data.run %}x"],
    ["text", "{% assign x = data.periods | replace: data.run, '' %}x"],
    ["text", "{% assign x = data.periods | replace_first: data.run, '' %}x"],
    ["text", "{% assign x = data.periods | remove: data.run %}x"],
    ["text", "{% assign x = data.periods | remove_first: data.run %}x"],
  ])("serves every %s that looks for a long text: the runtime's own is quadratic: %s", (kind, source) => {
    const run = kind === "text" ? textRun(source) : conditionRun(source);
    const natives = (["indexOf", "lastIndexOf", "includes", "split", "replace", "replaceAll"] as const).map((name) =>
      vi.spyOn(String.prototype, name),
    );
    expect(run().isRefused).toBe(false);
    const asked = natives.flatMap(({ mock }) => mock.calls.map(([needle]) => needle));
    expect(asked.filter((needle) => typeof needle === "string" && needle.length > 6)).toEqual([]);
  });
});
