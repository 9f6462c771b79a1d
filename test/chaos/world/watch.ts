/** Work beside the run: cron, an operator, and measurements of the Workers' memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { askApi, type ChaosWorld, type Instance } from "./world.ts";

/** Resident memory of both Workers at one moment, in bytes; 0 for one that is down. */
export type Rss = { readonly at: number; readonly first: number; readonly second: number };

type Watch = {
  rss: () => readonly Rss[];
  sweeps: () => { done: number; failed: number; skipped: number };
  stop: () => Promise<void>;
};

const sweepLimitMs = 30_000;
const stepMs = 100;

/**
 * @param resumeEveryMs how often an operator resumes what is paused; `null`: never, it is left to the line's own probes
 * @param skipped whether cron is silent at this moment
 */
export function startWatch(
  world: ChaosWorld,
  {
    sweepEveryMs,
    rssEveryMs,
    resumeEveryMs,
  }: { sweepEveryMs: number; rssEveryMs: number; resumeEveryMs: number | null },
  skipped: () => boolean,
): Watch {
  const seen: Rss[] = [];
  const count = { done: 0, failed: 0, skipped: 0 };
  let over = false;
  let turn = 0;

  async function every(ms: number, work: () => Promise<void> | void): Promise<void> {
    for (let next = Date.now() + ms; !over; next = Math.max(next + ms, Date.now())) {
      while (!over && Date.now() < next) await sleep(Math.min(stepMs, next - Date.now()));
      if (!over) await work();
    }
  }

  async function sweep(): Promise<void> {
    if (skipped()) {
      count.skipped++;
      return;
    }
    const up = [world.first, world.second].filter((instance) => instance.up);
    // Cron comes to one of them, whichever.
    const one = up[turn++ % Math.max(1, up.length)];
    if (one === undefined || !(await sweepOnce(one))) count.failed++;
    else count.done++;
  }

  const loops = [
    every(sweepEveryMs, sweep),
    every(rssEveryMs, () => {
      const of = ({ up, worker }: Instance) => (up ? worker.rss() : 0);
      seen.push({ at: Date.now(), first: of(world.first), second: of(world.second) });
    }),
  ];
  if (resumeEveryMs !== null) loops.push(every(resumeEveryMs, () => resumePaused(world)));
  return {
    rss: () => seen,
    sweeps: () => ({ ...count }),
    async stop() {
      over = true;
      await Promise.all(loops);
    },
  };
}

/** Resumes every line that is paused; whatever stands in the way now will not for ever. */
export async function resumePaused(world: ChaosWorld): Promise<void> {
  try {
    const paused = await world.owner<{ slug: string }[]>`select slug from lines where paused_at is not null`;
    for (const { slug } of paused) await askApi(world, "POST", `/v1/lines/${slug}/resume`);
  } catch {
    // Postgres or the Worker is away.
  }
}

/** Runs cron once. Gives false when it failed or took too long. */
export async function sweepOnce({ worker }: Instance): Promise<boolean> {
  const done = worker.scheduled().then(
    () => true,
    () => false,
  );
  return await Promise.race([done, sleep(sweepLimitMs, false, { ref: false })]);
}
