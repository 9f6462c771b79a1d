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

  it("is explained by the operator's sentence", () => {
    expect(explain("no_rules")).toBe(reasons.no_rules.operator);
  });
});
