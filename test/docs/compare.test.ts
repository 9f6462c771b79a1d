import { describe, expect, it } from "vitest";
import { jsonAtEnd, jsonDifferences, showsOutput } from "./compare.ts";
import { blocksOf } from "./page.ts";
import { stepsOf, whyNotRun } from "./steps.ts";

describe("a shown output", () => {
  it.each<[string, string[], string, boolean]>([
    ["is the whole output", ["a", "b"], "a\nb\n", true],
    ["lacks a line at its end", ["a"], "a\nb\n", false],
    ["lacks a line at its beginning", ["b"], "a\nb\n", false],
    ["has any text for … in a line", ["took … ms, id …"], "took 12 ms, id 4-5\n", true],
    ["has no line break for … in a line", ["a … b"], "a\nb\n", false],
    ["has any number of lines for a line of …", ["a", "…", "d"], "a\nb\nc\nd\n", true],
    ["has no line at all for a line of …", ["a", "…", "b"], "a\nb\n", true],
    ["has signs that mean something in patterns", ["a.b (c) [d]* $1"], "a.b (c) [d]* $1\n", true],
    ["has such a sign and not any letter", ["a.b"], "axb\n", false],
    ["says nothing of blanks at the ends of lines", ["a", "", "b"], "a  \n   \nb\n\n", true],
  ])("%s", (_, shown, output, isShown) => {
    expect(showsOutput(shown, output)).toBe(isShown);
  });
});

describe("shown JSON", () => {
  const answer = { id: "abc-1", calls: [{ status: "ended", n: 1 }, { status: "queued" }], none: null };
  it.each<[string, unknown, string[]]>([
    ["may leave fields and elements out", { calls: [{ status: "ended" }] }, []],
    ["has any text for …", { id: "abc-…" }, []],
    ["is not another text", { id: "abd-…" }, ["$.id"]],
    ["has the values of the answer", { none: null, calls: [{ n: 2 }] }, ["$.calls[0].n"]],
    ["has no element that the answer lacks", { calls: [{}, {}, {}] }, ["$.calls[2]"]],
    ["has no field that the answer lacks", { other: 1 }, ["$.other"]],
  ])("%s", (_, shown, paths) => {
    expect(jsonDifferences(shown, answer).map((line) => line.split(":")[0])).toEqual(paths);
  });

  it("is compared with the last JSON of an output, on one line or on many", () => {
    expect(jsonAtEnd('{"a":1}\n{"b":2}')).toEqual({ b: 2 });
    expect(jsonAtEnd('said\n{\n  "a": [\n    {}\n  ]\n}\n')).toEqual({ a: [{}] });
    expect(jsonAtEnd("no JSON")).toBeUndefined();
  });
});

describe("the steps of a page", () => {
  const page = [
    "```sh\nnpm start\n```",
    "```sh\n# needs a Cloudflare account\nnpx wrangler login\n```",
    "1. in a list\n   ```sh\n   a\n   b\n   ```",
    '```json\n{ "c": 1 }\n```',
    "```console\n$ d \\\n  e\nout\n$ f\n```",
    "```yaml\nnot: run\n```",
  ].join("\n\n");

  it("are its blocks of commands, but for npm start and those that need what is not here", () => {
    expect(stepsOf(page).map(({ script, shown, json }) => [script, shown, json])).toEqual([
      ["a\nb", null, { c: 1 }],
      ["d \\\n  e", ["out"], undefined],
      ["f", [], undefined],
    ]);
    expect(blocksOf(page).flatMap((block) => whyNotRun(block) ?? [])).toEqual(["needs a Cloudflare account"]);
  });

  it("are told where they stand", () => {
    expect(stepsOf(page).map(({ line }) => page.split("\n")[line - 1]?.trim())).toEqual(["```sh", "$ d \\", "$ f"]);
  });

  it("have no output before the first command, and no block without an end", () => {
    expect(() => stepsOf("```console\nout\n```")).toThrow("begins with");
    expect(() => stepsOf("```sh\na")).toThrow("no end");
  });
});
