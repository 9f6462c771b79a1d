import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { mistakesOf } from "../../src/http/api/validate.ts";

/** Sentences about a value, each with its path. */
const said = (schema: z.ZodType, value: unknown): string[] => {
  const parsed = schema.safeParse(value);
  return parsed.success
    ? []
    : mistakesOf(parsed.error.issues).map(({ path, reason }) => `${path.join(".")}: ${reason}`);
};

const rule = z.strictObject({
  mode: z.enum(["off", "live"]),
  number: z.union([z.string(), z.array(z.string())]),
  calls: z.int().min(1).max(9),
  when: z.iso.datetime(),
  id: z.uuid(),
  name: z.string().min(1).max(3),
  on: z.array(z.string()).min(1).max(2),
  kind: z.literal("a"),
  share: z.number().gt(0).lt(1).optional(),
  flag: z.boolean(),
});
const good = {
  ...{ mode: "off", number: "1", calls: 1, when: "2026-01-01T00:00:00Z", id: "0b9ad1a5-2b8f-4d5c-9d8f-0d6a3b6f7c11" },
  ...{ name: "abc", on: ["x"], kind: "a", flag: true },
};

describe("a mistake in a request", () => {
  it.each<[string, unknown, string]>([
    ["mode", "loud", "must be one of: off, live"],
    ["mode", undefined, "is missing"],
    ["number", 5, "must be a text or a list"],
    ["number", undefined, "is missing"],
    ["number", [5], "must be a text"],
    ["calls", 0, "must be at least 1"],
    ["calls", 10, "must be at most 9"],
    ["calls", 1.5, "must be a whole number"],
    ["calls", "1", "must be a number"],
    ["when", "tomorrow", "must be a time in ISO 8601, such as 2026-11-02T15:04:05Z"],
    ["id", "x", "must be a UUID"],
    ["name", "", "must not be empty"],
    ["name", "abcd", "must have at most 3 characters"],
    ["on", [], "must not be empty"],
    ["on", ["a", "b", "c"], "must have at most 2 items"],
    ["on", null, "must be a list"],
    ["kind", "b", "must be a"],
    ["share", 0, "must be more than 0"],
    ["share", 1, "must be less than 1"],
    ["flag", "yes", "must be true or false"],
    ["flags", true, 'unknown field "flags"'],
  ])("%s: %j is told as: %s", (field, value, sentence) => {
    const wrong = { ...good, [field]: value };
    const [first, ...more] = said(rule, wrong);
    expect(more).toEqual([]);
    const place = field === "number" && Array.isArray(value) ? "number.0" : field;
    expect(first).toBe(`${place}: ${sentence}`);
  });

  const wrongs: unknown[] = [
    ...[undefined, null, 0, -1, 1.5, 1e300, Number.NaN, true, "", "x", "é".repeat(20_000), "\0", [], [null], ["x", 5]],
    ...[{}, { x: 1 }, { env: 1 }, { on: ["x"], after: [] }, { calls: 0, in: "x" }, { key: "", in: 5 }, [[[]]]],
  ];

  /** Every schema that the API has, by its name. */
  async function schemas(): Promise<[string, z.ZodType][]> {
    const folder = new URL("../../src/http/api/schemas/", import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
    const modules = await Promise.all(
      files.map(async (file) => Object.entries(await import(new URL(file, folder).href))),
    );
    return modules
      .flat()
      .flatMap(([name, value]) => (value instanceof z.ZodType ? [[name, value] as const] : []))
      .map(([name, schema]) => [name, schema]);
  }

  it("of any field of any of the API's schemas is told without a word of the library's", async () => {
    const all = await schemas();
    expect(all.length).toBeGreaterThan(30);
    const heard = new Set<string>();
    for (const [name, schema] of all) {
      const fields = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
      const bodies = [...wrongs, ...fields.flatMap((field) => wrongs.map((value) => ({ [field]: value })))];
      for (const body of bodies) for (const one of said(schema, body)) heard.add(`${name} ${one}`);
    }
    expect(heard.size).toBeGreaterThan(300);
    const foreign =
      /invalid|expected|received|too (?:small|big)|unrecognized|pattern|undefined|nonoptional|NaN|\[object/i;
    expect([...heard].filter((one) => foreign.test(one.slice(one.indexOf(": "))))).toEqual([]);
  });
});
