// Ten thousand events in ten seconds, each of which makes a call. Every event answered with 202 is counted in the
// tables.
import { setTimeout as sleep } from "node:timers/promises";
import { load } from "./load/load.ts";
import type { Hookline } from "./subjects/hookline.ts";
import { memoryOf } from "./subjects/proc.ts";

export type Burst = {
  /** Number of webhooks to send, and the seconds to send them in. */
  wanted: number;
  wantedSeconds: number;
  accepted: number;
  refused: number;
  seconds: number;
  events: number;
  planned: number;
  calls: number;
  p99Ms: number;
  /** Resident memory of workerd before, at its highest, and the part of it that is pages of its program. */
  rssBeforeBytes: number;
  rssMaxBytes: number;
  programBytes: number;
};

const connections = 64;
const planLimitMs = 30_000;
const lookEveryMs = 200;

/** Sends `count` webhooks at an even pace over `seconds` to a source that calls, and waits until each has its plan. */
export async function measureBurst(
  hookline: Hookline,
  slug: string,
  { count, seconds, first }: { count: number; seconds: number; first: number },
): Promise<Burst> {
  const before = memoryOf(hookline.worker.pid);
  let highest = before;
  const watch = setInterval(() => {
    const now = memoryOf(hookline.worker.pid);
    if (now.bytes > highest.bytes) highest = now;
  }, lookEveryMs);
  try {
    const sent = await load({
      port: hookline.port,
      recipe: { path: `/in/${slug}`, secret: hookline.secret, first, count, eventsEach: 1 },
      connections,
      seconds: seconds * 2,
      perSecond: count / seconds,
      cycle: false,
    });
    const giveUp = performance.now() + planLimitMs;
    let kept = await counted(hookline, slug);
    while (kept.planned < sent.accepted && performance.now() < giveUp) {
      await sleep(lookEveryMs);
      kept = await counted(hookline, slug);
    }
    return {
      wanted: count,
      wantedSeconds: seconds,
      accepted: sent.accepted,
      refused: sent.refused,
      seconds: sent.seconds,
      ...kept,
      p99Ms: sent.p99Ms,
      rssBeforeBytes: before.bytes,
      rssMaxBytes: highest.bytes,
      programBytes: highest.fileBytes,
    };
  } finally {
    clearInterval(watch);
  }
}

async function counted(hookline: Hookline, slug: string): Promise<{ events: number; planned: number; calls: number }> {
  const [row] = await hookline.owner<[{ events: number; planned: number; calls: number }]>`
    select (select count(*)::int from events where source = ${slug}) as events,
      (select count(*)::int from events where source = ${slug} and state = 'planned') as planned,
      (select count(*)::int from calls where source = ${slug}) as calls`;
  return row;
}
