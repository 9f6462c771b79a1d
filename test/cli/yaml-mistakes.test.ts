/** hookline.yaml with anchors, tags, keys and levels, as people and attackers write them. */
import { expect, test } from "vitest";
import { readYaml } from "../../cli/config/document.ts";

/** Each line doubles, or multiplies, the one before it. */
const bomb = (lines: number, each: number, leaf: string) =>
  Array.from({ length: lines }, (_, nth) =>
    nth === 0
      ? `a0: &a0 ${leaf}`
      : `a${nth}: &a${nth} [${Array(each)
          .fill(`*a${nth - 1}`)
          .join(", ")}]`,
  ).join("\n");

test.each<[string, string, number, string]>([
  ["a map that contains itself", "lines:\n  one: &one\n    agent: *one\n", 3, "within its own anchor"],
  ["a list that contains itself", "lines: {}\nsources: &s [1, *s]\n", 2, "within its own anchor"],
  ["a root that contains itself", "&root\nlines: *root\n", 2, "within its own anchor"],
  ["a key that contains itself", "? &k [*k]\n: 1\n", 1, "must be a text"],
  ["a list as a key", "a: 1\n[b, c]: 2\n", 2, "must be a text"],
  ["a map as a key", "? { a: 1 }\n: 2\n", 1, "must be a text"],
  ["an alias as a key", "a: &a b\n*a : 2\n", 2, "must be a text"],
  ["an ordered map", "lines: !!omap [ l1: { agent: a } ]\n", 1, "!!omap"],
  ["a set", "a: 1\nlines: !!set { a, b }\n", 2, "!!set"],
  ["a set that is nested", "sources:\n  acme:\n    settings: !!set { location }\n", 3, "!!set"],
  ["a list of pairs", "lines: !!pairs [ a: 1, a: 2 ]\n", 1, "!!pairs"],
  ["bytes", "a: !!binary aGVsbG8=\n", 1, "!!binary"],
  ["a time that is tagged", "a: !!timestamp 2026-11-02\n", 1, "!!timestamp"],
  ["a tag of one's own", "a: !secret x\n", 1, "!secret"],
  ["the name of the prototype", "sources: { __proto__: { preset: shopify } }\n", 1, '"__proto__"'],
  ["the quoted name of the prototype", 'a: 1\n"__proto__":\n  b: 2\n', 2, '"__proto__"'],
  ["a number without end", "a: 1\nb: [.inf]\n", 2, "must be finite"],
  ["no number", "a: .NaN\n", 1, "must be finite"],
  ["a number that is too large", "a: -1e999\n", 1, "must be finite"],
  ["a key that is there twice", "a: 1\nb: 2\na: 3\n", 3, '"a" is there twice'],
  ["a number and a text that are one key", "1: a\n'1': b\n", 2, '"1" is there twice'],
  ["two empty keys", "? \n: a\n'': b\n", 3, '"" is there twice'],
  [
    "a key that is there twice among very many",
    `${Array.from({ length: 30_000 }, (_, n) => `k${n}: ${n}\n`).join("")}k7: again\n`,
    30_001,
    '"k7" is there twice',
  ],
  ["a value that contains itself over two levels", "a: &a\n  b: &b\n    c: [*b, *a]\n", 3, "within its own anchor"],
  ["an alias before its anchor", "a: *b\nb: &b 1\n", 1, "has no anchor &b before it"],
  ["an alias without an anchor", "a: 1\nb: *nobody\n", 2, "has no anchor &nobody before it"],
  ["the billion laughs", bomb(10, 9, "lol"), 7, "too large"],
  ["doubled lines", bomb(40, 2, "x"), 19, "too large"],
  ["thousands of lines that double", bomb(3_000, 2, "x"), 19, "too large"],
  ["a long text many times", `a: &a "${"x".repeat(200_000)}"\nb: [*a, *a, *a,\n  *a, *a]\n`, 3, "too large"],
  [
    "a bomb of maps",
    ["a0: &a0 {k: v}", ...Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} {x: *a${n}, y: *a${n}}`)].join(
      "\n",
    ),
    17,
    "too large",
  ],
  ["brackets without end", `a: 1\nb: ${"[".repeat(100_000)}`, 2, "levels deep"],
  ["braces without end", "{a: ".repeat(5_000), 1, "levels deep"],
  ["dashes without end", `a:\n  ${"- ".repeat(100_000)}x`, 2, "levels deep"],
  ["question marks without end", "? ".repeat(50_000), 1, "levels deep"],
  [
    "indentation without end",
    Array.from({ length: 500 }, (_, n) => `${" ".repeat(n)}a:`).join("\n"),
    101,
    "levels deep",
  ],
  [
    "indentation beyond the parser's stack",
    Array.from({ length: 1_390 }, (_, n) => `${" ".repeat(n)}a:`).join("\n"),
    101,
    "levels deep",
  ],
  [
    "stairs of dashes",
    Array.from({ length: 90 }, (_, n) => `${" ".repeat(n * 12)}${"- ".repeat(6)}`).join("\n"),
    17,
    "levels deep",
  ],
  [
    "stairs of dashes and keys",
    Array.from({ length: 90 }, (_, n) => `${" ".repeat(n * 4)}- a:`).join("\n"),
    51,
    "levels deep",
  ],
  [
    "brackets in stairs",
    `${Array.from({ length: 60 }, (_, n) => `${" ".repeat(n)}a:`).join("\n")} ${"[".repeat(50)}`,
    60,
    "levels deep",
  ],
  ["a file without end", "# x\n".repeat(300_000), 1, "has more than 1000000 characters"],
])("%s is a mistake at its line", (_, text, line, reason) => {
  const read = readYaml(text);
  const [first] = read.ok ? [] : read.mistakes;
  expect(first).toMatchObject({ line, reason: expect.stringContaining(reason) });
});

test("Anchors that are used as they are meant to be stay what they are, however often.", () => {
  const hours = 'hours: &h { zone: Europe/Berlin, mon-fri: "9:00-17:00" }\n';
  const read = readYaml(
    `${hours}lines:\n${Array.from({ length: 500 }, (_, n) => `  l${n}: { hours: *h }\n`).join("")}`,
  );
  expect(read.ok && Object.keys(Object(read.value).lines)).toHaveLength(500);
  const again = readYaml("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
  expect(again).toMatchObject({ ok: true, value: { a: 1, b: 1, c: 2, d: 2 } });
  const folded = Array.from({ length: 200 }, (_, n) => `${" ".repeat(n + 4)}- word: [ { # 1\n`).join("");
  const stairs = readYaml(
    `block: |\n    first\n${folded}plain: a\n${Array.from({ length: 200 }, (_, n) => `${" ".repeat(n + 1)}word\n`).join("")}b: 2\n`,
  );
  expect(stairs).toMatchObject({ ok: true, value: { b: 2 } });
  const brackets = readYaml(
    `about: |\n  ${"[{ - ? ".repeat(500)}\nquoted: "${"[{".repeat(500)}"\nplain: a${"[".repeat(300)}\n`,
  );
  expect(brackets.ok).toBe(true);
});

test("A long list of nodes side by side is not nested.", () => {
  const rules = Array.from(
    { length: 400 },
    (_, n) => `  - name: r${n}\n    on: [a, { b: [c] }]\n    # - - -\n    deep:\n      - - x\n`,
  );
  expect(readYaml(`rules:\n${rules.join("")}`).ok).toBe(true);
});
