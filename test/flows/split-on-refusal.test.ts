import { describe, expect, it } from "vitest";
import { splitOnRefusal } from "../../src/flows/split-on-refusal.ts";

class Refused extends Error {}

/** Writes letters; those in upper case are refused, and take their company with them. */
function stage(refused = /[A-Z]/) {
  const statements: string[] = [];
  const write = async (some: readonly string[]) => {
    statements.push(some.join(""));
    if (some.some((one) => refused.test(one))) throw new Refused();
    return some.map((one) => `${one}!`);
  };
  const run = (items: string) =>
    splitOnRefusal(
      [...items],
      write,
      (error) => error instanceof Refused,
      (one) => [`${one}?`],
    );
  return { statements, run };
}

describe("writing together", () => {
  it("takes one statement for all, and answers in their order", async () => {
    const { statements, run } = stage();
    expect(await run("abcd")).toEqual(["a!", "b!", "c!", "d!"]);
    expect(statements).toEqual(["abcd"]);
  });

  it.each([
    ["Abcd", ["A?", "b!", "c!", "d!"]],
    ["abcD", ["a!", "b!", "c!", "D?"]],
    ["aBcDe", ["a!", "B?", "c!", "D?", "e!"]],
    ["ABC", ["A?", "B?", "C?"]],
    ["A", ["A?"]],
    ["", []],
  ])("%j: one that is refused keeps none of the others", async (items, answers) => {
    expect(await stage().run(items)).toEqual(answers);
  });

  it("finds one among a thousand in a few statements", async () => {
    const { statements, run } = stage();
    const answers = await run(`${"a".repeat(700)}B${"a".repeat(299)}`);
    expect(answers.filter((answer) => answer === "a!")).toHaveLength(999);
    expect(statements.length).toBeLessThan(25);
  });

  it("throws on what is no refusal, and tries nothing more", async () => {
    const statements: string[] = [];
    const away = splitOnRefusal(
      [..."abcd"],
      async (some) => {
        statements.push(some.join(""));
        throw new Error("away");
      },
      (error) => error instanceof Refused,
      () => [],
    );
    await expect(away).rejects.toThrow("away");
    expect(statements).toEqual(["abcd"]);
  });
});
