import { describe, expect, test } from "vitest";
import { lineStubs } from "../../src/objects/stubs.ts";

/** As workerd says it of a method that the object's code does not have. */
const notThere = () => Promise.reject(new TypeError('The RPC receiver does not implement the method "recheck".'));

function line(recheck: () => Promise<unknown>) {
  const asked: string[] = [];
  const note = (what: string) => async (slug: string) => void asked.push(`${what} ${slug}`);
  const object = { recheck, halt: note("halt"), poke: note("poke") };
  return { asked, lines: lineStubs(() => object as unknown as DurableObjectStub) };
}

describe("a line that is asked to recheck", () => {
  test("has rechecked if its object says that it knows stops", async () => {
    const { asked, lines } = line(async () => "stops");
    expect([await lines.recheck("a"), asked]).toEqual(["rechecked", []]);
  });

  test("is older if its object gives back what it claimed, and says nothing of stops", async () => {
    const { asked, lines } = line(async () => undefined);
    expect([await lines.recheck("a"), asked]).toEqual(["older", []]);
  });

  test("is older if its object knows no recheck: it is halted, and woken for what still rings", async () => {
    const { asked, lines } = line(notThere);
    expect([await lines.recheck("a"), asked]).toEqual(["older", ["halt a", "poke a"]]);
  });

  test.each([
    ["fails", () => Promise.reject(new Error("the object was reset"))],
    ["has a mistake of its own", () => Promise.reject(new TypeError("x is not a function"))],
  ])("has not answered if its object %s, and nobody knows its version", async (_, recheck) => {
    const { asked, lines } = line(recheck);
    await expect(lines.recheck("stranger")).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  test("is silent if its object fails, and is known to be of this version until it says otherwise", async () => {
    const away = () => Promise.reject(new Error("the object was reset"));
    const ask = (recheck: () => Promise<unknown>) => line(recheck).lines.recheck("known");
    expect(await ask(async () => "stops")).toBe("rechecked");
    expect(await ask(away)).toBe("silent");
    expect(await ask(notThere)).toBe("older");
    await expect(ask(away)).rejects.toThrow("reset");
    expect(await ask(async () => "stops")).toBe("rechecked");
    expect(await ask(async () => undefined)).toBe("older");
    await expect(ask(away)).rejects.toThrow("reset");
  });
});
