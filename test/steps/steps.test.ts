/**
 * A stop at every step. The flows await only ports, so one run finds every place at which a crash can hit them. Then each step is hit in a
 * run of its own: the step fails, or commits and its answer is lost, or hangs, or is the last before a kill. Afterwards redelivery, sweep
 * and alarms alone must recover everything.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { isKnown, verifyHead } from "../../cli/audit/heads.ts";
import { walkChain } from "../../cli/audit/walk.ts";
import { faultsOf } from "./faults.ts";
import { type Lane, openLane } from "./lane.ts";
import { closePool } from "./pool.ts";
import { type Run, startRun } from "./run.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { methods, modes, type Stop } from "./watch.ts";

vi.mock("../../src/store/postgres/connection.ts", async (original) => {
  const [real, { pooled }] = await Promise.all([
    original<typeof import("../../src/store/postgres/connection.ts")>(),
    import("./pool.ts"),
  ]);
  return { ...real, connect: pooled(real.connect) };
});

/** Runs at the same time. */
const lanesMax = 4;

/** Attempts to reach a step that a run did not reach. */
const attemptsMax = 3;

/** Methods of the ports that nothing here reaches, each with its reason. */
const unreached: Record<string, string> = {
  "settlements.noteForeign": "the simulator gives no call another's conversation",
  "pauses.pauseAll": "it would stop the lines of the runs before; one line's pause goes the same way",
  "pauses.resumeAll": "as pauseAll",
  "notary.seal": "the notary's own alarm does it; from outside it is asked for a receipt",
  "directory.add": "the API calls it after a change that opens a source; no flow does",
  "names.add": "an inbox calls it for a Worker of an earlier version; a run has none",
  "directory.names": "a Worker asks for the list; no flow does",
  "directory.readiness": "nobody asks the flows whether the service is ready",
  "inboxes.capture": "a handshake makes no event and no call; the inbox's own tests stop it, and the store's race it",
  "inboxes.rejectMany": "refusals that come within a second of another go by it; a run has one at a time",
  "sources.capture": "as inboxes.capture",
  "stops.remaining": "a request asks it when it has canceled ten thousand calls; a run has two",
  "stops.claimedOn": "the API asks it after a change of a line; no flow does",
  "sources.wentBack": "no run restores Postgres; the inbox's own tests do, and the store's pause the source",
  "dispatcher.poke": "no run here has a hook; those of deliveries.test.ts have, and stop the dispatcher",
  "dispatcher.changed": "the API calls it after a change of a hook; no flow does",
  "taskRunner.poke":
    "no run here has a task; test/store/tasks stops the steps of tasks, and test/whole/tasks kills their runner",
  "notary.hasHooks": "as dispatcher.poke",
  "notary.announceHooks": "as dispatcher.poke",
  "inboxes.refresh": "the API calls it after a change of the configuration; no flow does",
};

let lanes: Lane[] = [];
beforeAll(async () => {
  lanes = await Promise.all(Array.from({ length: lanesMax }, openLane));
});
afterAll(async () => {
  await closePool();
  await Promise.all(lanes.map((lane) => lane.close()));
});

/** Runs a scenario to its end with one step stopped. @returns Every promise that does not hold afterwards */
async function play(
  lane: Lane,
  { place, stage, act }: Scenario,
  stop: Stop | null,
): Promise<{ run: Run; faults: string[] }> {
  const run = await startRun(lane, await lane.place(place), stop);
  await stage?.(run);
  run.steps.begin();
  await act(run);
  await run.recover();
  lane.heads.push(...run.heads());
  return { run, faults: await faultsOf(run) };
}

/** Runs each job in a separate lane, as many at once as there are lanes. */
async function inLanes<Job>(jobs: readonly Job[], work: (lane: Lane, job: Job) => Promise<void>): Promise<void> {
  const left = [...jobs];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let job = left.shift(); job !== undefined; job = left.shift()) await work(lane, job);
    }),
  );
}

/** Steps that were hit, each with how. */
const stopped = new Set<string>();
const found = new Map<Scenario, readonly string[]>();
const places = new Set<string>();

/**
 * The steps of a scenario that are stopped. Where a step stands in the code is told by the steps of the same actor before it: one that
 * comes after the same step as before is stopped once in a scenario, and one that comes after the same two in one scenario only. What
 * an event or a person changes is another thing in each scenario, and is stopped in each.
 */
function stopsOf(seen: readonly string[]): string[] {
  const before = new Map<string, readonly string[]>();
  const here = new Set<string>();
  const elsewhere = new Set(places);
  return seen.filter((step) => {
    const method = step.split(" ")[0] ?? "";
    const actor = method.split(".")[0] ?? "";
    const [last, lastButOne] = before.get(actor) ?? [];
    before.set(actor, [method, last ?? ""]);
    const place = `${last} ${method}`;
    const wide = `${lastButOne} ${place}`;
    places.add(wide);
    if (
      here.has(place) ||
      (elsewhere.has(wide) && !/^(?:inbox\.events|person\.decisions|person\.replays)\.(?!call$)/.test(method))
    )
      return false;
    here.add(place);
    return true;
  });
}

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", (_, scenario) => {
  test("comes to its end, and all of its steps are found", async () => {
    const [lane] = lanes;
    if (lane === undefined) throw new Error("there is no lane");
    const { run, faults } = await play(lane, scenario, null);
    const { calls } = await run.books();
    expect(faults, run.logged.slice(-5).join("\n")).toEqual([]);
    expect(calls.map(({ status, outcome, reason }) => `${status} ${outcome ?? reason}`)).toEqual(scenario.ends);
    found.set(scenario, stopsOf(run.steps.seen()));
  });

  test.each(modes)("rings nobody twice, loses nothing and explains itself when any of its steps %s", async (mode) => {
    const broken: string[] = [];
    // A write to an object's own disk cannot fail by itself.
    const stops = (found.get(scenario) ?? []).filter(
      (step) => !mode.startsWith("fails") || !step.includes(".storage."),
    );
    await inLanes(stops, async (lane, step) => {
      // Concurrent steps do not come in the same order each time.
      for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        const { run, faults } = await play(lane, scenario, { step, mode });
        if (faults.length > 0)
          broken.push(`${step}: ${faults.join("; ")}; its log: ${run.logged.slice(-3).join("\n")}`);
        if (run.steps.isStruck()) stopped.add(`${step.split(" ")[0]} ${mode}`);
        if (run.steps.isStruck() || faults.length > 0) break;
      }
    });
    expect(broken).toEqual([]);
  });
});

test("the audit chain holds every entry of every run, as every head says that a notary ever kept", async () => {
  for (const { owner, heads, jwks } of lanes) {
    const verified = await Promise.all(heads.map(({ jws, ...row }) => verifyHead(jws, "the notary", jwks, row)));
    expect(verified.filter((head) => !isKnown(head))).toEqual([]);
    const walk = await walkChain(owner, verified.filter(isKnown));
    expect(walk.broken).toBeNull();
    expect(walk.links).toBeGreaterThan(0);
  }
});

test("every method of every port of the flows was a step of some run", () => {
  const missed = [...methods.known].filter((method) => !methods.reached.has(method)).sort();
  expect(missed).toEqual(Object.keys(unreached).sort());
});

test("every step that is awaited was stopped in every way", () => {
  const all = [...new Set([...found.values()].flat().map((step) => step.split(" ")[0] ?? ""))];
  const missed = all.flatMap((method) =>
    modes
      .filter((mode) => !mode.startsWith("fails") || !method.includes(".storage."))
      .filter((mode) => !stopped.has(`${method} ${mode}`))
      .map((mode) => `${method} ${mode}`),
  );
  expect(missed).toEqual([]);
});
