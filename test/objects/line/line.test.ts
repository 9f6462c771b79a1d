/** The line's alarm, on Node's own SQLite: what a whole Hookline cannot be made to do. */
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, vi } from "vitest";
import { type LineDeps, lineObject } from "../../../src/objects/line/line.ts";
import { createLog } from "../../../src/platform/log.ts";
import { port } from "../../flows/ports.ts";

vi.mock("cloudflare:workers", () => import("../../runtime/workers.ts"));

const now = Date.parse("2026-01-05T18:00:00Z");

/** A line that does nothing but set its alarm; the runtime answers when the test says so. */
function stage() {
  const database = new DatabaseSync(":memory:");
  const there = { clock: now, set: [] as number[], answer: async (): Promise<void> => {} };
  const deps: LineDeps = {
    clock: { now: () => there.clock },
    claims: port<LineDeps["claims"]>({}),
    results: port<LineDeps["results"]>({}),
    pauses: port<LineDeps["pauses"]>({}),
    windows: port<LineDeps["windows"]>({}),
    settlements: port<LineDeps["settlements"]>({}),
    reconciliations: port<LineDeps["reconciliations"]>({}),
    reports: port<LineDeps["reports"]>({}),
    voice: port<LineDeps["voice"]>({ place: async () => Promise.reject(new Error("nothing is dialled")) }),
    log: createLog({ info: () => {}, warn: () => {}, error: () => {} }),
  };
  const Line = lineObject(() => deps);
  const line = new Line(
    port<DurableObjectState>({
      waitUntil: () => {},
      storage: port<DurableObjectState["storage"]>({
        sql: {
          exec(query: string, ...bindings: (string | number | null)[]) {
            const rows = database.prepare(query).all(...bindings);
            return { toArray: () => rows, [Symbol.iterator]: () => rows[Symbol.iterator]() };
          },
        } as unknown as DurableObjectState["storage"]["sql"],
        kv: { get: () => undefined, put: () => {} } as unknown as DurableObjectState["storage"]["kv"],
        getAlarm: async () => null,
        setAlarm(at: number | Date) {
          there.set.push(Number(at));
          return there.answer();
        },
      }),
    }),
    {},
  );
  return { there, line };
}

describe("a line's alarm", () => {
  it("is not put off by a later one, not even while the runtime has not answered yet", async () => {
    const { there, line } = stage();
    let answered = () => {};
    there.answer = () =>
      new Promise<void>((resolve) => {
        answered = resolve;
      });
    const sooner = line.nextAlarm.arm(now + 1_000);
    const later = line.nextAlarm.arm(now + 60_000);
    answered();
    await Promise.all([sooner, later]);
    expect(there.set).toEqual([now + 1_000]);
  });

  it("that is due and has not fired is not put off; one that is long since due is lost, and set anew", async () => {
    const { there, line } = stage();
    await line.nextAlarm.arm(now + 1_000);
    there.clock = now + 1_500;
    await line.nextAlarm.arm(now + 60_000);
    expect(there.set).toEqual([now + 1_000]);
    there.clock = now + 31_001;
    await line.nextAlarm.arm(now + 60_000);
    expect(there.set).toEqual([now + 1_000, now + 60_000]);
  });

  it("gives way to a sooner one", async () => {
    const { there, line } = stage();
    await line.nextAlarm.arm(now + 60_000);
    await line.nextAlarm.arm(now + 1_000);
    expect(there.set).toEqual([now + 60_000, now + 1_000]);
  });

  it("that could not be set is set by whoever comes next", async () => {
    const { there, line } = stage();
    there.answer = () => Promise.reject(new Error("no storage"));
    await expect(line.nextAlarm.arm(now + 1_000)).rejects.toThrow("no storage");
    there.answer = async () => {};
    await line.nextAlarm.arm(now + 60_000);
    expect(there.set).toEqual([now + 1_000, now + 60_000]);
  });
});
