/** What `doctor` says of clocks: of a service that has measured Postgres' own, that could not, and that is of the version before. */
import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { clockFindings, machineClock } from "../../cli/install/doctor-clocks.ts";

const report = (aheadMs: number, errorMs = 3) => ({
  postgres_ahead_ms: aheadMs,
  error_ms: errorMs,
  allowed_ms: 2_000,
  asks: 2,
});

describe("Postgres' clock", () => {
  it.each([
    [report(0), "good", "0 s ahead (± 0.003 s)"],
    [report(-1_999), "good", "1.999 s behind"],
    [report(2_400, 500), "good", "2.4 s ahead (± 0.5 s)"],
  ])("is shown while it is right: %j", (clocks, state, words) => {
    expect(clockFindings(clocks)).toEqual([{ state, text: expect.stringContaining(words) }]);
  });

  it("is a warning when it is unknown, and never 0", () => {
    expect(clockFindings(null)).toEqual([{ state: "warning", text: expect.stringContaining("unknown") }]);
  });

  it("is left to the service's own problem when it is apart, and to nobody in the version before", () => {
    expect(clockFindings(report(37_000))).toEqual([]);
    expect(clockFindings(undefined)).toEqual([]);
  });
});

describe("this machine's clock", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  async function service(body: () => object): Promise<{ url: string; token: string; from: "environment" }> {
    const made = createServer((_, answer) => {
      answer.setHeader("content-type", "application/json");
      answer.end(JSON.stringify(body()));
    });
    server = made;
    await new Promise<void>((done) => made.listen(0, "127.0.0.1", done));
    const address = made.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return { url: `http://127.0.0.1:${port}`, token: "t", from: "environment" };
  }
  const at = (aheadMs: number) => () => ({ status: "alive", time: new Date(Date.now() + aheadMs).toISOString() });

  it.each([
    [0, "good"],
    [14_000, "good"],
    [-14_000, "good"],
    [16_000, "warning"],
    [-3_600_000, "warning"],
    [86_400_000, "warning"],
  ])("is compared with the service's: %d ms is %s", async (aheadMs, state) => {
    const [finding] = await machineClock(await service(at(aheadMs)));
    expect(finding?.state).toBe(state);
    const seconds = Number(/clock is ([\d.]+) s/.exec(finding?.text ?? "")?.[1]);
    expect(Math.abs(seconds - Math.abs(aheadMs) / 1_000)).toBeLessThan(2);
    if (aheadMs !== 0) expect(finding?.text).toContain(aheadMs < 0 ? "behind" : "ahead");
  });

  it.each([[{ status: "alive" }], [{ time: "soon" }], [{ time: 5 }], [{}]])(
    "is not judged by a service that does not say its time: %j",
    async (body) => {
      expect(await machineClock(await service(() => body))).toEqual([]);
    },
  );
});
