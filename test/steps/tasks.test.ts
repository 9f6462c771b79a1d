/**
 * A stop at every step of the task runner, for a task of each kind that spans several steps. Afterwards the sweep and the
 * alarms alone must bring the task to its end: every row is worked on once, counted once, and has one entry.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openPlayer, type Player } from "./play.ts";
import { faultsWithTasks, readTasks } from "./task-faults.ts";
import { taskScenarios } from "./task-scenarios.ts";
import { methods, modes } from "./watch.ts";

vi.mock("../../src/store/postgres/connection.ts", async (original) =>
  (await import("./pool.ts")).pooledModule(original),
);
// Few rows are several steps.
vi.mock("../../src/domain/tasks/task.ts", async (original) => ({
  ...(await original<typeof import("../../src/domain/tasks/task.ts")>()),
  ...{ callsPerStepMax: 2, eventsPerStepMax: 2, itemsPerSearchMax: 3 },
}));

/** Whether a line has to be asked is a race of its claim with the task. */
const attemptsMax = 20;

let player: Player;
beforeAll(async () => {
  const of = /^taskRunner\.|\.taskRunner\.poke$/;
  player = await openPlayer({ of, changing: /^taskRunner\.steps\.(?:step|confirm)$/ }, faultsWithTasks, attemptsMax);
});
afterAll(() => player.close());

describe.each(taskScenarios.map((scenario) => [scenario.name, scenario] as const))("%s", (_, scenario) => {
  test("comes to its end with every row done, and all of its steps are found", async () => {
    let { run, faults } = await player.find(scenario);
    const ends = async () =>
      (await run.books()).calls.map(({ status, outcome, reason }) => `${status} ${outcome ?? reason}`);
    // A line may dial its calls before the task begins. Such a run has no fault, and shows nothing of the task's steps.
    for (let attempt = 1; attempt < attemptsMax && (await ends()).join() !== scenario.ends.join(); attempt++) {
      expect(faults, run.logged.slice(-5).join("\n")).toEqual([]);
      ({ run, faults } = await player.find(scenario));
    }
    expect(faults, run.logged.slice(-5).join("\n")).toEqual([]);
    expect(await ends()).toEqual(scenario.ends);
    expect(await readTasks(run)).toMatchObject([{ state: "done", done: run.sent(), refused: {} }]);
  });

  test.each(modes)("decides and counts every row once, and rings nobody twice, when any step %s", async (mode) => {
    expect(await player.stopEach(scenario, mode)).toEqual([]);
  });

  test("leaves an audit chain of every entry", async () => {
    const { links, faults } = await player.settle();
    expect(faults).toEqual([]);
    expect(links).toBeGreaterThan(0);
  });
});

test("every step of the task runner was stopped in every way", () => {
  expect(player.missed()).toEqual([]);
  for (const method of ["next", "search", "items", "step", "confirm"])
    expect([...methods.reached]).toContain(`steps.${method}`);
});
