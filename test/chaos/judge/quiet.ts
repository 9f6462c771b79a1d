/** The wait at the end: all faults are over, and what they left has to come to its end by itself, within a bound. */
import { setTimeout as sleep } from "node:timers/promises";
import { putLine } from "../world/setup.ts";
import { linesOf, type RunOptions } from "../world/size.ts";
import { hasten, type Open, readLeft, readOpen } from "../world/truth.ts";
import { resumePaused, sweepOnce } from "../world/watch.ts";
import { askApi, type ChaosWorld } from "../world/world.ts";

export type Quiet = {
  readonly reached: boolean;
  readonly seconds: number;
  readonly open: Open;
  readonly spilled: number;
  /** Work that is unfinished when the wait ends, in words. */
  readonly left: readonly string[];
};

/** Longer than any answer of the simulator's takes in a short run. */
const hastenOlderMs = 7_000;
const hastenEveryMs = 1_000;
const lookEveryMs = 500;
/** How long a line may stay paused before an operator resumes it: a probe is due every half minute, and more rarely after each relapse. */
const resumeAfterMs = 60_000;

/** Waits until every event has its end. In a short run the clock of rows is moved, and an operator widens the lines. */
export async function waitQuiet(
  world: ChaosWorld,
  asked: RunOptions,
  say: (line: string) => void,
  { sweeps = false }: { sweeps?: boolean } = {},
): Promise<Quiet> {
  const began = Date.now();
  const giveUp = began + asked.quietMinutes * 60_000;
  if (asked.hasten) await widen(world, asked);
  let saidAt = 0;
  for (;;) {
    const open = await readOpen(world.owner, endlessOf(world));
    const spilled = await spilledNow(world);
    const seconds = (Date.now() - began) / 1_000;
    if (isQuiet(open) && spilled === 0) return { reached: true, seconds, open, spilled, left: [] };
    if (Date.now() > giveUp) return { reached: false, seconds, open, spilled, left: await readLeft(world.owner) };
    if (Date.now() - saidAt > 30_000) {
      saidAt = Date.now();
      say(`  waiting for quiet: ${describe(open, spilled)}`);
    }
    if (open.paused.length > 0 && (asked.hasten || Date.now() - began > resumeAfterMs)) await resumePaused(world);
    if (asked.hasten) {
      await hasten(world.owner, hastenOlderMs);
      await Promise.all([sweepOnce(world.first), sweepOnce(world.second)]);
    } else if (sweeps) await sweepOnce(world.first);
    await sleep(asked.hasten ? hastenEveryMs : lookEveryMs);
  }
}

/** The unfinished work in a few words. */
export function describe(open: Open, spilled: number): string {
  const { unplanned, queued, dialing, unknown, placed, paused } = open;
  const lines = paused.length > 0 ? `, paused: ${paused.join(", ")}` : "";
  return `${spilled} spilled, ${unplanned} unplanned, ${queued} queued, ${dialing} dialing, ${unknown} unknown, ${placed} placed${lines}`;
}

function isQuiet({ unplanned, queued, dialing, unknown, placed }: Open): boolean {
  return unplanned + queued + dialing + unknown + placed === 0;
}

/** Ids by which calls are known that Mihu forgets. */
function endlessOf({ simulator }: ChaosWorld): string[] {
  return simulator
    .rings()
    .filter(({ outcome, endedAt }) => outcome === null && endedAt === null)
    .flatMap(({ id, conversation_uuid, at }) => (Date.now() - at > endlessAfterMs ? [id, conversation_uuid] : []));
}
/** Every call of the simulator's that ends has ended by then. */
const endlessAfterMs = 15_000;

async function spilledNow(world: ChaosWorld): Promise<number> {
  // Each knows the disks of its own objects.
  const up = [world.first, world.second].filter((instance) => instance.up);
  const books = await Promise.all(up.map((instance) => askApi(world, "GET", "/v1/balance", undefined, instance)));
  return (books as { events: { spilled: number } }[]).reduce((sum, { events }) => sum + events.spilled, 0);
}

async function widen(world: ChaosWorld, asked: RunOptions): Promise<void> {
  for (const line of linesOf(asked)) await putLine(world, { ...line, callsPerMinute: 60_000, callsAtOnce: 1_000 });
}
