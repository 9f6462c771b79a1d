/**
 * A stop at every step. The flows await only ports, so one run finds every place at which a crash can hit them. Then each step is hit in a
 * run of its own: the step fails, or commits and its answer is lost, or hangs, or is the last before a kill. Afterwards redelivery, sweep
 * and alarms alone must recover everything.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { faultsOf } from "./faults.ts";
import { openPlayer, type Player } from "./play.ts";
import { scenarios } from "./scenarios.ts";
import { methods, modes } from "./watch.ts";

vi.mock("../../src/store/postgres/connection.ts", async (original) =>
  (await import("./pool.ts")).pooledModule(original),
);

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
  "taskRunner.poke": "no run here has a task; those of tasks.test.ts have, and stop the task runner",
  "notary.hasHooks": "as dispatcher.poke",
  "notary.announceHooks": "as dispatcher.poke",
  "inboxes.refresh": "the API calls it after a change of the configuration; no flow does",
};

let player: Player;
let links = 0;
beforeAll(async () => {
  // An event's or a person's changes are others in each scenario.
  const changing = /^(?:inbox\.events|person\.decisions|person\.replays)\.(?!call$)/;
  player = await openPlayer({ of: /./, changing }, faultsOf);
});
afterAll(() => player.close());

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))("%s", (_, scenario) => {
  test("comes to its end, and all of its steps are found", async () => {
    const { run, faults } = await player.find(scenario);
    const { calls } = await run.books();
    expect(faults, run.logged.slice(-5).join("\n")).toEqual([]);
    expect(calls.map(({ status, outcome, reason }) => `${status} ${outcome ?? reason}`)).toEqual(scenario.ends);
  });

  test.each(modes)("rings nobody twice, loses nothing and explains itself when any of its steps %s", async (mode) => {
    expect(await player.stopEach(scenario, mode)).toEqual([]);
  });

  test("leaves an audit chain of every entry, as every head says that a notary ever kept", async () => {
    const settled = await player.settle();
    links += settled.links;
    expect(settled.faults).toEqual([]);
  });
});

test("the audit chains held entries", () => {
  expect(links).toBeGreaterThan(0);
});

test("every method of every port of the flows was a step of some run", () => {
  const missed = [...methods.known].filter((method) => !methods.reached.has(method)).sort();
  expect(missed).toEqual(Object.keys(unreached).sort());
});

test("every step that is awaited was stopped in every way", () => {
  expect(player.missed()).toEqual([]);
});
