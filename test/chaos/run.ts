/** One run from its start to its judgement. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SettingsChange } from "../../dev/simulator/engine/settings.ts";
import { CALL_FAULTS } from "../../dev/simulator/engine/types.ts";
import { receiverNames, startReceivers } from "./hooks/receivers.ts";
import { type Conclusion, conclude } from "./judge/conclusion.ts";
import { type SealWaits, waitsForSeal } from "./judge/seals.ts";
import { operator } from "./world/operator.ts";
import { hashOf, makeSchedule } from "./world/schedule.ts";
import { sendAll } from "./world/senders.ts";
import { rulesOf, setUp } from "./world/setup.ts";
import { linesOf, type RunOptions } from "./world/size.ts";
import { sourceSlugs } from "./world/story.ts";
import { type Struck, striker } from "./world/strike.ts";
import { readSeals } from "./world/truth.ts";
import { type Rss, startWatch } from "./world/watch.ts";
import { askApi, bringUp, type ChaosWorld, startWorld } from "./world/world.ts";

/** The findings of a run. */
export type Found = Conclusion & {
  readonly asked: RunOptions;
  readonly hash: string;
  readonly struck: readonly Struck[];
  /** Faults by kind: the run's own, and those of the simulator. */
  readonly faults: Readonly<Record<string, number>>;
  readonly seals: SealWaits;
  readonly rss: readonly Rss[];
  readonly sweeps: { readonly done: number; readonly failed: number; readonly skipped: number };
  /** Ends of Workers that the run did not bring about. */
  readonly crashes: readonly string[];
  readonly seconds: number;
};

/** Rests between the last fault and the wait for quiet. */
const settleMs = 500;
const sweepEveryMs = 20_000;
const rssEveryMs = 10_000;

/** Runs everything. `say` gets the progress, and `keepLogs` the Workers' logs at the end. */
export async function runChaos(
  asked: RunOptions,
  say: (line: string) => void = () => undefined,
  keepLogs: (name: string, text: string) => void = () => undefined,
): Promise<Found> {
  const began = Date.now();
  const schedule = makeSchedule(asked);
  const hash = hashOf(schedule);
  say(
    `schedule ${hash}: ${asked.events} events in ${schedule.requests.length} requests, ${schedule.faults.length} faults of the run's own, seed ${asked.seed}`,
  );
  const world = await startWorld(asked.seed);
  const receivers = await startReceivers(asked.seed);
  try {
    const lines = linesOf(asked);
    const secrets = await setUp(world, asked);
    for (const name of receiverNames)
      await askApi(world, "POST", "/v1/hooks", { target_url: receivers.url(name), events: ["call.*"] });
    const person = operator(world, secrets, rulesOf(lines));
    await rest(world);
    const calm = mihuFaults(asked);
    const strikes = striker(world, calm, person);
    const watch = startWatch(
      world,
      {
        sweepEveryMs: asked.hasten ? sweepEveryMs / 10 : sweepEveryMs,
        rssEveryMs: asked.hasten ? rssEveryMs / 5 : rssEveryMs,
        // Half a minute until a line's own probe would be too long.
        resumeEveryMs: asked.hasten ? 500 : null,
      },
      strikes.sweepSkipped,
    );
    say("  lines, sources and rules are set up; all faults are on");
    const startedAt = Date.now();
    world.simulator.setFaults(calm);
    let giveUpAt = Number.POSITIVE_INFINITY;
    const sending = sendAll(world, schedule.requests, {
      seed: asked.seed,
      secrets,
      startedAt,
      giveUpAt: () => giveUpAt,
    });
    // Awaited at the end. Until then its failure is no reason to leave the processes of the run behind.
    sending.catch(() => undefined);
    await strikes.run(schedule.faults, startedAt);
    await sleep(Math.max(0, startedAt + asked.minutes * 60_000 - Date.now()));
    await calmDown(world);
    giveUpAt = Date.now() + 30_000;
    say("  all faults are off");
    const ends = await conclude(world, {
      size: asked,
      lines,
      sending,
      person,
      watch,
      receivers,
      struck: strikes.log,
      say,
    });
    const struck = strikes.log();
    const seals = waitsForSeal(await readSeals(world.owner), struck);
    return {
      asked,
      hash,
      ...ends,
      struck,
      faults: { ...countOf(struck), ...world.simulator.injected() },
      seals,
      rss: watch.rss(),
      sweeps: watch.sweeps(),
      crashes: [world.first, world.second].flatMap(({ name, worker }) =>
        worker.crashes().map((how) => `${name}: ${how}`),
      ),
      seconds: (Date.now() - began) / 1_000,
    };
  } finally {
    for (const { name, worker } of [world.first, world.second]) keepLogs(name, worker.logs());
    await world.stop();
    await receivers.close();
  }
}

/** The second instance comes and goes; each has met the sources before anything breaks, or it could not verify without Postgres. */
async function rest({ first, second }: ChaosWorld): Promise<void> {
  for (const { worker } of [first, second])
    for (const slug of sourceSlugs) {
      const answer = await fetch(`${worker.url}/in/${slug}`, { method: "POST", body: "unsigned" });
      if (answer.status !== 401) throw new Error(`an unsigned webhook was answered with ${answer.status}`);
      await answer.body?.cancel();
    }
  second.up = false;
  await second.worker.kill("SIGKILL");
}

/** Every fault of the simulator's is on, at rates at which most calls are placed all the same. */
function mihuFaults({ hasten, seed }: RunOptions): SettingsChange {
  const often = hasten ? 2 : 1;
  // Faults that pause a line for half a minute are rare, and in a short run only the revoked token does it.
  const pauses = hasten ? 0 : 0.0004;
  return {
    seed,
    call_ms: { min: 200, max: hasten ? 900 : 2_500 },
    latency_ms: { min: 0, max: 20 },
    answer_latency_ms: { min: 0, max: 40 },
    hang_ms: hasten ? 2_500 : 40_000,
    retry_after_s: 1,
    outcomes: { completed: 70, no_answer: 14, busy: 6, failed: 4, voicemail: 5, canceled: 1 },
    before_307: 0.001 * often,
    before_401: pauses,
    before_402: pauses,
    before_403: pauses,
    before_404: pauses,
    before_409: 0.002 * often,
    before_422: 0.01 * often,
    before_429: 0.004 * often,
    before_500: 0.003 * often,
    before_503: 0.003 * often,
    drop_before: 0.003 * often,
    hang_before: 0.001 * often,
    after_500: 0.006 * often,
    after_503: 0.006 * often,
    drop_after: 0.006 * often,
    hang_after: 0.001 * often,
    unreadable: 0.005 * often,
    truncated: 0.005 * often,
    no_uuid: 0.005 * often,
    initiated_shape: 0.01 * often,
    initiated_bare: 0.01 * often,
    webhook_double: 0.15,
    webhook_lost: 0.25,
    webhook_shuffle: 0.3,
    webhook_late: 0.3,
    webhook_late_ms: { min: 100, max: hasten ? 1_500 : 15_000 },
    webhook_retry_ms: [500, 2_000, 5_000],
    list_500: 0.02,
  };
}

/** Everything works again: both Workers are up, Postgres is there, the wires are whole, the simulator is honest. */
async function calmDown(world: ChaosWorld): Promise<void> {
  const { first, second, simulator } = world;
  simulator.setFaults(noFaults);
  for (const { wire } of [first, second]) wire.disarm();
  if (!second.up) await bringUp(second);
  await sleep(settleMs);
}

const noFaults: SettingsChange = {
  ...Object.fromEntries(CALL_FAULTS.map((fault) => [fault, 0])),
  webhook_double: 0,
  webhook_lost: 0,
  webhook_shuffle: 0,
  webhook_late_ms: 0,
  list_500: 0,
  token_revoked: false,
};

function countOf(struck: readonly Struck[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of struck) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
