/** Stops: lines first, then the calls that wait, as many as one request or one sweep may cancel. */
import { describe, expect, test } from "vitest";
import { leaseMs, sweepEveryMs } from "../../../src/domain/limits.ts";
import type { StopPorts } from "../../../src/flows/calling/stop.ts";
import { advanceStops, stopCalls } from "../../../src/flows/calling/stop-calls.ts";
import type { ClaimedOn, StopStore } from "../../../src/ports/calling/stops.ts";

type Stage = {
  /** Calls that wait, by stop. */
  waiting?: Record<number, number>;
  /** Calls that were claimed when the change was committed, with their stop. */
  claimed?: readonly (ClaimedOn & { stop: number })[];
  /** Calls whose claim was committed later: a part finds them. */
  late?: readonly ClaimedOn[];
  /** The statuses of claimed calls once their line was asked. */
  statuses?: Record<string, "canceled" | "queued" | "dialing" | "placed">;
  recheck?: StopPorts["lines"]["recheck"];
  fails?: "claimedOf" | "claimedOn" | "statusesOf";
};

function stage({ waiting = {}, claimed = [], late = [], statuses = {}, fails, ...given }: Stage) {
  const left = new Map(Object.entries(waiting).map(([id, count]) => [Number(id), count]));
  const said: string[] = [];
  let found = [...late];
  const answer = <T>(what: Stage["fails"], value: T) =>
    fails === what ? Promise.reject(new Error(`${what} failed`)) : Promise.resolve(value);
  const stops: StopStore = {
    claimedOn: (lines) => answer("claimedOn", lines.includes("line-c") ? [{ id: "on-c", line: "line-c" }] : []),
    claimedOf: (ids) =>
      answer(
        "claimedOf",
        claimed.filter(({ stop }) => ids.includes(stop)),
      ),
    statusesOf: (ids) => answer("statusesOf", new Map(ids.map((id) => [id, statuses[id] ?? "placed"]))),
    async advance(id, limit) {
      const wait = left.get(id) ?? 0;
      const canceled = Math.min(wait, limit);
      left.set(id, wait - canceled);
      const caught = found;
      found = [];
      said.push(`part ${id}: ${canceled}`);
      return { canceled, reached: canceled + caught.length, claimed: caught, over: canceled + caught.length === 0 };
    },
    remaining: async (id) => left.get(id) ?? 0,
    noteAdvance: async () => {},
    pending: async () => [...left].filter(([, count]) => count > 0).map(([id]) => id),
  };
  const recheck = given.recheck ?? (async () => "rechecked" as const);
  const lines: StopPorts["lines"] = {
    async recheck(line) {
      said.push(`recheck ${line}`);
      return await recheck(line);
    },
  };
  return { ports: { clock: { now: () => 1_000 }, lines, stops }, said, left };
}
const stop = (id: number, ...lines: string[]) => ({ id, lines });
const claimedOn = (id: string, line: string, of: number) => ({ id, line, stop: of });

describe("a stop", () => {
  test("asks the lines before it cancels what waits, each once", async () => {
    const { ports, said } = stage({ waiting: { 1: 3 }, claimed: [claimedOn("c", "line-a", 1)] });
    await stopCalls(ports, [stop(1, "line-a", "line-b")]);
    expect(said).toEqual(["recheck line-a", "recheck line-b", "part 1: 3", "part 1: 0"]);
  });

  test("cancels ten thousand calls of one request in parts of two thousand, and says how many remain", async () => {
    const { ports, said } = stage({ waiting: { 1: 4_001, 2: 8_000, 3: 5 } });
    const { each, claims } = await stopCalls(ports, [stop(1), stop(2), stop(3)]);
    expect(each).toEqual([
      { canceled: 4_001, remaining: 0 },
      { canceled: 5_999, remaining: 2_001 },
      { canceled: 0, remaining: 5 },
    ]);
    expect(said).toEqual([
      ...["part 1: 2000", "part 1: 2000", "part 1: 1", "part 1: 0"],
      ...["part 2: 2000", "part 2: 2000", "part 2: 1999"],
    ]);
    expect(claims).toBeNull();
  });

  test("counts a call that its line gave back for the stop that it is about, and each claimed call once", async () => {
    const { ports } = stage({
      waiting: { 1: 1, 2: 1 },
      claimed: [claimedOn("back", "line-a", 1), claimedOn("begun", "line-a", 2), claimedOn("kept", "line-a", 2)],
      statuses: { back: "canceled", begun: "dialing", kept: "queued" },
    });
    const { each, claims } = await stopCalls(ports, [stop(1), stop(2)]);
    expect(each).toEqual([
      { canceled: 2, remaining: 0 },
      { canceled: 1, remaining: 0 },
    ]);
    expect(claims).toMatchObject({ givenBack: ["back", "kept"], inFlight: ["begun"], unconfirmedUntil: null });
  });

  test("asks the line of a call whose claim was committed meanwhile, as well", async () => {
    const { ports, said } = stage({
      waiting: { 1: 1 },
      late: [{ id: "late", line: "line-b" }],
      statuses: { late: "canceled" },
    });
    const { each, claims } = await stopCalls(ports, [stop(1)]);
    expect(said.at(-1)).toBe("recheck line-b");
    expect([each, claims?.givenBack]).toEqual([[{ canceled: 2, remaining: 0 }], ["late"]]);
  });

  test("continues without an end for a line of an older version, which knows no stops", async () => {
    const { ports, left } = stage({ waiting: { 1: 25_000 }, recheck: async () => "older" });
    const { each, claims } = await stopCalls(ports, [stop(1, "line-a")]);
    expect([each, left.get(1)]).toEqual([[{ canceled: 25_000, remaining: 0 }], 0]);
    expect(claims).toMatchObject({ older: true, unconfirmedUntil: 1_000 + sweepEveryMs + leaseMs, failures: [] });
  });

  test("is unconfirmed for as long as any version may begin calls where a line does not answer, and names it", async () => {
    const error = new Error("unreachable");
    const recheck = (line: string) =>
      line === "line-b" ? Promise.reject(error) : Promise.resolve("rechecked" as const);
    const { ports } = stage({ claimed: [claimedOn("c", "line-b", 1)], statuses: { c: "dialing" }, recheck });
    const { claims } = await stopCalls(ports, [stop(1, "line-a")]);
    expect(claims).toMatchObject({
      ...{ inFlight: ["c"], older: false, unconfirmedUntil: 1_000 + sweepEveryMs + leaseMs },
      failures: [{ line: "line-b", error }],
    });
  });

  test.each(["claimedOf", "claimedOn", "statusesOf"] as const)(
    "asks the lines all the same if %s fails",
    async (fails) => {
      const { ports, said } = stage({ claimed: [claimedOn("c", "line-a", 1)], waiting: { 1: 2 }, fails });
      const { each, claims } = await stopCalls(ports, [stop(1, "line-a")], ["line-c"]);
      expect(said).toEqual(["recheck line-c", "recheck line-a", "part 1: 2", "part 1: 0"].toSorted(asSaid(said)));
      expect(each).toEqual([{ canceled: 2, remaining: 0 }]);
      expect(claims?.failures).toEqual([{ line: null, error: new Error(`${fails} failed`) }]);
    },
  );
});

/** Lines are asked at once: their order says nothing. */
const asSaid = (said: readonly string[]) => (one: string, other: string) => said.indexOf(one) - said.indexOf(other);

test("a sweep continues with what requests have left: thirty thousand calls, the oldest stop first", async () => {
  const { ports, left } = stage({ waiting: { 1: 12_000, 2: 20_000, 3: 1 } });
  expect(await advanceStops(ports.stops, () => {})).toEqual({ reached: 30_000, failed: 0 });
  expect([...left.values()]).toEqual([0, 2_000, 1]);
  expect(await advanceStops(ports.stops, () => {})).toEqual({ reached: 2_001, failed: 0 });
});

test("a sweep continues with the other stops when one fails", async () => {
  const { ports, left } = stage({ waiting: { 1: 5, 2: 7 } });
  const { advance, pending } = ports.stops;
  const broken: typeof advance = (id, limit) => (id === 1 ? Promise.reject(new Error("late")) : advance(id, limit));
  const failures: [stop: number, error: unknown][] = [];
  const noted: [stop: number, advances: boolean][] = [];
  const noteAdvance = async (...note: (typeof noted)[number]) => void noted.push(note);
  const failed = (...failure: (typeof failures)[number]) => void failures.push(failure);
  const stops = { pending, advance: broken, noteAdvance };
  expect(await advanceStops(stops, failed)).toEqual({ reached: 7, failed: 1 });
  expect([...left.values()]).toEqual([5, 0]);
  expect(failures).toEqual([[1, new Error("late")]]);
  expect(noted).toEqual([
    [1, false],
    [2, true],
  ]);
  // Postgres is down for both: each error is told, and the next stop is taken up.
  failures.length = 0;
  const down = { ...stops, noteAdvance: () => Promise.reject(new Error("down")) };
  expect(await advanceStops(down, failed)).toEqual({ reached: 0, failed: 1 });
  expect(failures).toEqual([
    [1, new Error("late")],
    [1, new Error("down")],
  ]);
});
