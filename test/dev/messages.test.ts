import { describe, expect, it } from "vitest";
import { textsOfProduct } from "../../dev/messages/product.ts";
import { reasons } from "../../src/domain/reasons.ts";

const ofFiles = [...textsOfProduct()].flatMap(([path, texts]) =>
  texts.map(({ line, text }) => [`${path}:${line}`, text] as const),
);
const all: readonly (readonly [string, string])[] = [
  ...Object.entries(reasons).flatMap(([code, { what, next }]) =>
    [what, next ?? ""].map((text) => [code, text] as const),
  ),
  ...ofFiles,
];

describe("texts for people", () => {
  it("are found in pages, answers, advice and commands", () => {
    const found = new Set(ofFiles.map(([place]) => place.replace(/:\d+$/, "")));
    for (const path of [
      "cli/config/apply.ts",
      "src/crm/doctor/fallback.ts",
      "src/domain/config/check.ts",
      "src/http/problem.ts",
      "src/pages/frame/error-page.tsx",
    ])
      expect(found).toContain(path);
    const texts = new Set(ofFiles.map(([, text]) => text));
    // Between tags, in an attribute, in a property, and put together with a value.
    expect(texts).toContain("Sign out");
    expect(texts).toContain("Skip to the content");
    expect([...texts].filter((text) => text.includes("{slug}")).length).toBeGreaterThan(0);
    // Neither SQL nor an import.
    expect([...texts].filter((text) => /^(?:select .*|insert into|update \w+ set|\.\.?\/)/.test(text))).toEqual([]);
  });

  it("begin with their subject: a sentence that opens with What, Whoever, Whom or Where needs a second reading", () => {
    const opens = /(?:^|[.:;] )(?:What(?:ever)?|Whoever|Whom|Wherever|Where) [a-z][^?]*\.$/;
    expect(all.filter(([, text]) => opens.test(text))).toEqual([]);
  });

  it("say what was rejected or failed, and not that it was not as it was asked", () => {
    expect(
      all.filter(([, text]) => /\bas it was (?:asked|wanted)\b|did not come\b|Postgres is away\b/.test(text)),
    ).toEqual([]);
  });
});
