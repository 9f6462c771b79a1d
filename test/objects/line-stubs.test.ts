import { describe, expect, it } from "vitest";
import type { LineRpc } from "../../src/objects/line/line.ts";
import { lineStubs } from "../../src/objects/stubs.ts";
import { port } from "../flows/ports.ts";

const missing = () => Promise.reject(new TypeError('The RPC receiver does not implement the method "recheck".'));
const away = () => Promise.reject(new Error("the object is away"));

/** A line's object; what it does is told in order. */
function stubs(line: Partial<LineRpc>) {
  const told: string[] = [];
  const object = port<LineRpc>({
    async halt() {
      told.push("halt");
      return { givenBack: 0, inFlight: 0 };
    },
    poke: async () => void told.push("poke"),
    ...line,
  });
  return { lines: lineStubs(() => object as unknown as DurableObjectStub), told };
}

describe("a recheck", () => {
  it("of a line of an older version halts and wakes it, and says that it is older", async () => {
    const { lines, told } = stubs({ recheck: missing });
    expect(await lines.recheck("former")).toBe("older");
    expect(told).toEqual(["halt", "poke"]);
  });

  it("of a line that does not know every stop says that it is older", async () => {
    const { lines, told } = stubs({ recheck: (async () => undefined) as unknown as LineRpc["recheck"] });
    expect(await lines.recheck("between")).toBe("older");
    expect(told).toEqual([]);
  });

  it("of a line that does not answer fails while nobody knows its version", async () => {
    await expect(stubs({ recheck: away }).lines.recheck("stranger")).rejects.toThrow("away");
  });

  it("of a line that does not answer, and did by this version's method, says that it is silent", async () => {
    expect(await stubs({ recheck: async () => "stops" }).lines.recheck("known")).toBe("rechecked");
    expect(await stubs({ recheck: away }).lines.recheck("known")).toBe("silent");
  });

  it("of a line that went back to an older version knows its version no more", async () => {
    expect(await stubs({ recheck: async () => "stops" }).lines.recheck("back")).toBe("rechecked");
    expect(await stubs({ recheck: missing }).lines.recheck("back")).toBe("older");
    await expect(stubs({ recheck: away }).lines.recheck("back")).rejects.toThrow("away");
  });
});
