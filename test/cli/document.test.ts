import { describe, expect, it } from "vitest";
import { readYaml } from "../../cli/config/document.ts";

const text = `lines:
  support: { agent: a, calls_per_minut: 5 }
sources:
  acme:
    preset: shopify
    rules:
      - name: one
        on: [orders/updated]
        whn: "true"
        when: data.x == 
        about: |
          first
            second {{ data.x | shout }}
        greeting: "Hello {{ x"
        prompt:
          text: >
            folded
            text
        zone: 'a {{ b'
      - name: two
        number: 5
`;

function locate(path: (string | number)[], at: { line?: number; column?: number } = {}, reason = "is wrong") {
  const read = readYaml(text);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  const { line, column } = read.locate({ path, ...at, reason });
  return [line, column];
}

describe("a mistake of the API is told at its place in the file", () => {
  it.each<[string, (string | number)[], { line?: number; column?: number }, string, [number, number]]>([
    ["an unknown field, at its name", ["sources", "acme", "rules", 0, "whn"], {}, 'unknown field "whn"', [9, 9]],
    [
      "an unknown field on one line",
      ["lines", "support", "calls_per_minut"],
      {},
      'unknown field "calls_per_minut"',
      [2, 24],
    ],
    ["a value, at the value", ["sources", "acme", "rules", 1, "number"], {}, "is wrong", [21, 17]],
    ["a missing field, at what lacks it", ["sources", "acme", "rules", 1, "about"], {}, "is missing", [20, 9]],
    ["an item of a list", ["sources", "acme", "rules", 0, "on", 0], {}, "is wrong", [8, 14]],
    [
      "a plain text, by its column",
      ["sources", "acme", "rules", 0, "when"],
      { line: 1, column: 8 },
      "is wrong",
      [10, 22],
    ],
    [
      "a block of text, by line and column",
      ["sources", "acme", "rules", 0, "about"],
      { line: 2, column: 10 },
      "is wrong",
      [13, 20],
    ],
    [
      "a quoted text, behind its quote",
      ["sources", "acme", "rules", 0, "greeting"],
      { line: 1, column: 7 },
      "is wrong",
      [14, 26],
    ],
    [
      "a folded text, at its beginning",
      ["sources", "acme", "rules", 0, "prompt", "text"],
      { line: 1, column: 8 },
      "is wrong",
      [17, 13],
    ],
    ["something that is nowhere in the file", ["sources", "other"], {}, "is wrong", [3, 1]],
    ["the whole", [], {}, "is wrong", [1, 1]],
  ])("%s", (_, path, at, reason, place) => {
    expect(locate(path, at, reason)).toEqual(place);
  });
});

describe("mistakes of YAML itself", () => {
  it.each<[string, string, [number, number], RegExp]>([
    ["a key that stands twice", "lines:\n  a: { agent: x }\n  a: { agent: y }\n", [3, 3], /there twice/],
    ["a tab for an indentation", "lines:\n\ta: 1\n", [2, 1], /[Tt]ab/],
    ["an open quote", 'lines: "abc\n', [2, 1], /quote/],
    ["an unknown tag", "lines: !secret abc\n", [1, 8], /tag/],
  ])("%s is told by line and column", (_, broken, place, reason) => {
    const read = readYaml(broken);
    if (read.ok) throw new Error("it was read");
    expect([read.mistakes[0]?.line, read.mistakes[0]?.column]).toEqual(place);
    expect(read.mistakes[0]?.reason).toMatch(reason);
  });

  it("reads on, times and dates as the texts that they are", () => {
    const read = readYaml('on: [a]\nfrom: 09:00\nclosed: [2026-12-25]\nno: "off"\n');
    expect(read.ok && read.value).toEqual({ on: ["a"], from: "09:00", closed: ["2026-12-25"], no: "off" });
  });

  it("reads an empty file as an empty document", () => {
    const read = readYaml("");
    expect(read.ok && read.value).toEqual({});
  });
});
