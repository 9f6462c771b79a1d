/**
 * A stop at every step of the dispatcher: from the entry over the fan-out and the claim to the recorded try. Afterwards the leases' ends,
 * pokes and alarms alone must bring each delivery to its receiver, under one id and in order.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { keyVars, makeKeySets } from "../../cli/install/keys.ts";
import { writeSecrets } from "../../src/domain/hooks/secrets.ts";
import { dispatcherObject } from "../../src/objects/dispatcher/dispatcher.ts";
import { notaryObject } from "../../src/objects/notary/notary.ts";
import { notifierObject } from "../../src/objects/notifier/notifier.ts";
import { createLog } from "../../src/platform/log.ts";
import { createSealer } from "../../src/platform/seal.ts";
import { dispatcherDeps } from "../../src/wiring/dispatcher.ts";
import { notaryDeps } from "../../src/wiring/notary.ts";
import { notifierDeps } from "../../src/wiring/notifier.ts";
import { type HooksWorld, hooksWorld } from "../store/world/hooks.ts";
import { entriesSettled } from "../store/world/settled.ts";
import { draft, numberOf, queueCalls } from "../store/world/world.ts";
import { type HookReceiver, receiver } from "../whole/hooks/receiver.ts";
import { closePool, processesEnded } from "./pool.ts";
import { type Disks, type Process, startProcess } from "./runtime.ts";
import { countSteps, type Mode, modes, type Steps, type Watch, watch } from "./watch.ts";

vi.mock("../../src/store/postgres/connection.ts", async (original) =>
  (await import("./pool.ts")).pooledModule(original),
);

/** Calls of a run, each with two events. */
const callsPerRun = 2;
/** A step that comes again and again is stopped at its first occurrences. */
const occurrencesMax = 2;
/** Attempts to reach a step that a run did not reach. */
const attemptsMax = 4;
/** Rounds of a recovery: other tests' transactions may hold entries up for a while. */
const roundsMax = 40;
const restMs = 10_000;

const keys = makeKeySets();
const secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

let w: HooksWorld;
let to: HookReceiver;
let made = 0;
beforeAll(async () => {
  w = await hooksWorld();
  to = await receiver();
});
afterAll(async () => {
  await closePool();
  await to.close();
  await w.end();
});

type Service = { readonly watched: Watch; readonly process: Process; poke(): Promise<void> };

function startService(disks: Disks, steps: Steps): Service {
  processesEnded(w.url);
  const watched = watch(steps);
  const process = startProcess(disks, watched);
  const silent = createLog({ info: () => {}, warn: () => {}, error: () => {} });
  const env: Record<string, unknown> = {
    MODE: "local",
    HYPERDRIVE: { connectionString: w.url },
    MIHU_BASE_URL: "http://127.0.0.1:1",
    MIHU_TOKEN: "none",
    ...keyVars(keys),
  };
  const deps = (given: unknown) => {
    const all = dispatcherDeps(given);
    const port = <Port extends object>(name: string, one: Port) => watched.port(`dispatcher.${name}`, one);
    return {
      ...all,
      log: silent,
      outbox: port("outbox", all.outbox),
      dispatch: port("dispatch", all.dispatch),
      redeliveries: port("redeliveries", all.redeliveries),
      notifiers: port("notifiers", all.notifiers),
    };
  };
  const dispatchers = process.namespace(
    "dispatcher",
    () => dispatcherObject(deps),
    () => env,
  );
  env.DISPATCHER = dispatchers;
  env.NOTIFIER = process.namespace(
    "notifier",
    () => notifierObject(notifierDeps),
    () => env,
  );
  env.NOTARY = process.namespace(
    "notary",
    () => notaryObject((given) => ({ ...notaryDeps(given), log: silent })),
    () => env,
  );
  const stub = dispatchers.get(dispatchers.idFromName("dispatcher")) as unknown as { poke(): Promise<void> };
  return { watched, process, poke: () => stub.poke() };
}

/** Has the dispatcher work until nothing is under way, or a step stops it. */
async function work({ watched, process, poke }: Service): Promise<void> {
  await Promise.race([poke().catch(() => {}), watched.killed, watched.hangs]);
  if (!watched.isDead()) await Promise.race([process.alarms(), watched.killed]);
  const giveUp = Date.now() + restMs;
  for (let turns = 0; turns < 5; turns = process.isQuiet() ? turns + 1 : 0) {
    if (Date.now() > giveUp) throw new Error("a run does not come to rest");
    await pause(2);
  }
}

/** Makes a hook and calls with two events each, with one step stopped. @returns What does not hold afterwards */
async function play(stop: { step: string; mode: Mode } | null): Promise<{ steps: Steps; faults: string[] }> {
  const sealed = await createSealer(keys.SEALING_KEYS).seal(writeSecrets({ secret, former: null, headers: {} }));
  const hook = await w.hooks.add(
    {
      ...{ owner: "zap", format: "webhook", events: ["call.*"], condition: null, payload: "full" },
      ...{ targetUrl: `${to.url}/${randomUUID()}`, headerNames: [], description: null },
    },
    sealed,
    "test",
    1_000,
  );
  if (typeof hook === "string") throw new Error(hook);
  const events = await queueCalls(
    w,
    Array.from({ length: callsPerRun }, () => draft({ number: numberOf(made++) })),
  );
  const rowsOfCalls = await w.owner<{ id: string }[]>`select id from calls where event_id in ${w.owner(events)}`;
  const calls = rowsOfCalls.map(({ id }) => id);
  await w.owner`
    with moved as (
      update calls set status = 'canceled', reason = 'canceled' where id in ${w.owner(calls)} returning id
    )
    insert into entries (subject, subject_id, action, actor, reason)
    select 'call', id::text, 'canceled', 'test', 'canceled' from moved`;

  // The dispatcher leaves the others.
  await entriesSettled(w.owner);

  const [disks, steps] = [new Map() as Disks, countSteps(stop)];
  const before = to.heard.length;
  steps.begin();
  let service = startService(disks, steps);
  await work(service);
  service.watched.kill();
  service = startService(disks, countSteps(null));
  const stored = () =>
    w.owner<{ id: string; state: string }[]>`select id, state from deliveries where hook = ${hook.id} order by entry`;
  const isDone = (rows: { state: string }[]) =>
    rows.length === 2 * callsPerRun && rows.every(({ state }) => state === "delivered");
  for (let round = 0; round < roundsMax && !isDone(await stored()); round++) {
    await w.owner`update deliveries set next_at = now(), lease_until = null where hook = ${hook.id} and state = 'pending'`;
    await work(service);
  }
  service.watched.kill();

  const rows = await stored();
  const heard = to.heard.slice(before);
  const faults = isDone(rows) ? [] : [`deliveries: ${rows.map(({ state }) => state).join()}`];
  const ids = rows.map(({ id }) => `msg_${id.replaceAll("-", "")}`).sort();
  const told = [...new Set(heard.map(({ id }) => id))].sort();
  if (told.join() !== ids.join()) faults.push(`${ids.length} deliveries were told as ${told.length}`);
  for (const call of calls) {
    const order = [...new Set(heard.filter(({ data }) => data.id === call).map(({ data }) => data.sequence))];
    if (order.join() !== "1,2") faults.push(`a call was told in the order ${order}`);
  }
  if (stop === null && heard.length !== 2 * callsPerRun) faults.push(`${heard.length} POSTs without a stop`);
  await w.hooks.remove(hook.id, "test");
  return { steps, faults };
}

describe("an entry, its fan-out, its delivery and its record", () => {
  let found: string[] = [];

  test("come to their end, each event told once", async () => {
    const { steps, faults } = await play(null);
    expect(faults).toEqual([]);
    found = steps
      .seen()
      .filter((step) => step.startsWith("dispatcher.") && Number(step.split("#")[1]) <= occurrencesMax);
    const reached = new Set(found.map((step) => step.split(" ")[0]));
    for (const method of [
      "outbox.entriesAfter",
      "dispatch.advance",
      "dispatch.claim",
      "notifiers.post",
      "dispatch.record",
    ])
      expect([...reached]).toContain(`dispatcher.${method}`);
  });

  test.each(modes)(
    "lose and double nothing when any of the steps %s",
    async (mode) => {
      const broken: string[] = [];
      // A write to an object's own disk cannot fail by itself.
      for (const step of found.filter((one) => !mode.startsWith("fails") || !one.includes(".storage."))) {
        for (let attempt = 1; attempt <= attemptsMax; attempt++) {
          const { steps, faults } = await play({ step, mode });
          if (faults.length > 0) broken.push(`${step}: ${faults.join("; ")}`);
          if (steps.isStruck() || faults.length > 0) break;
          if (attempt === attemptsMax) broken.push(`${step} was not reached`);
        }
      }
      expect(broken).toEqual([]);
    },
    240_000,
  );
});
