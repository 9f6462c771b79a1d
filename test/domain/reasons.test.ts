import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { explain, reasons } from "../../src/domain/reasons.ts";

describe("a reason", () => {
  it.each(Object.entries(reasons))(
    "%s has a sentence for the operator and one for the client",
    (_, { operator, client }) => {
      for (const sentence of [operator, client]) expect(sentence).toMatch(/^[A-Z][^\n]{8,200}\.$/);
    },
  );

  it.each(Object.entries(reasons))("%s tells the client nothing of who serves us and how", (_, { client }) => {
    expect(client).not.toMatch(/mihu|token|postgres|lease|\b[45]\d\d\b/i);
  });

  it.each(["not_a_code", "toString", "__proto__", ""])("of another version, %j, is shown as it is", (code) => {
    expect(explain(code)).toBe(code);
  });

  it("of a call stands in a file that its group names", () => {
    const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
    let deciders: string[] = [];
    const strays: string[] = [];
    for (const line of read("src/domain/call-reasons.ts").split("\n")) {
      if (line.startsWith("  // ")) deciders = [...line.matchAll(/src\/[\w/.-]+\.ts/g)].map(([path]) => path);
      const code = /^ {2}(\w+): \{/.exec(line)?.[1];
      if (code === undefined) continue;
      if (!deciders.some((path) => new RegExp(`["'\`]${code}["'\`]`).test(read(path)))) strays.push(code);
    }
    expect(strays).toEqual([]);
  });

  it("is explained by the operator's sentence", () => {
    expect(explain("no_rules")).toBe(reasons.no_rules.operator);
  });
});
