/** The lines of `doctor` about clocks: of a service that has measured Postgres' own, that could not, and that is of the version before. */
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
    [report(-1_996), "good", "1.996 s behind"],
    [report(300, 1_699), "good", "0.3 s ahead (± 1.699 s)"],
  ])("is shown while it is right: %j", (clocks, state, words) => {
    expect(clockFindings(clocks)).toEqual([{ state, text: expect.stringContaining(words) }]);
  });

  it.each([
    [report(2_600, 700), "2.6 s ahead (± 0.7 s)"],
    [report(2_400, 500), "2.4 s ahead (± 0.5 s)"],
    [report(300, 1_700), "0.3 s ahead (± 1.7 s)"],
    [report(-1_999), "1.999 s behind (± 0.003 s)"],
    [report(0, 60_000), "0 s ahead (± 60 s)"],
  ])("is a warning when its range holds the bound: %j", (clocks, words) => {
    const [finding, ...more] = clockFindings(clocks);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ state: "warning", text: expect.stringContaining(words) });
    expect(finding?.text).toContain("not measured well enough");
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

  it.each([
    [0, 32_000],
    [16_000, 4_000],
    [-14_000, 4_000],
  ])("is not called right when %d ms were measured by answers that took %d ms", async (aheadMs, tookMs) => {
    const sentAt = Date.UTC(2026, 10, 2);
    const made = await service(() => ({ time: new Date(sentAt + tookMs / 2 + aheadMs).toISOString() }));
    let asked = 0;
    const [finding] = await machineClock(made, () => (asked++ % 2 === 0 ? sentAt : sentAt + tookMs));
    expect(finding).toMatchObject({ state: "warning", text: expect.stringContaining("not measured well enough") });
  });

  it.each([[{ status: "alive" }], [{ time: "soon" }], [{ time: 5 }], [{}]])(
    "is not judged by a service that does not say its time: %j",
    async (body) => {
      expect(await machineClock(await service(() => body))).toEqual([]);
    },
  );
});
