// From the webhook's first byte to the voice API's ring, one at a time on an idle service. Both ends read this machine's clock.
import { setTimeout as sleep } from "node:timers/promises";
import { load, median } from "./load/load.ts";
import type { Hookline } from "./subjects/hookline.ts";

export type Ringing = { p50Ms: number; p90Ms: number; acceptedP50Ms: number; samples: number };

const ringLimitMs = 5_000;
const warmUps = 5;

/** Sends `samples` webhooks to a source that calls, each `pauseMs` after the one before has rung. */
export async function measureRinging(
  hookline: Hookline,
  path: string,
  options: { samples: number; pauseMs: number; first: number },
): Promise<Ringing> {
  const waits: number[] = [];
  const accepted: number[] = [];
  for (let nth = 0; nth < warmUps + options.samples; nth++) {
    const known = hookline.simulator.rings().length;
    const recipe = { path, secret: hookline.secret, first: options.first + nth, count: 1, eventsEach: 1 };
    const job = { port: hookline.port, recipe, connections: 1, seconds: 5, perSecond: null, cycle: false };
    const sent = await load(job);
    const ringAt = await ringAfter(hookline, known);
    await sleep(options.pauseMs);
    if (nth < warmUps) continue;
    waits.push(ringAt - sent.beganAtMs);
    accepted.push(sent.p50Ms);
  }
  waits.sort((one, other) => one - other);
  return {
    p50Ms: median(waits),
    p90Ms: waits[Math.floor(waits.length * 0.9)] ?? 0,
    acceptedP50Ms: median(accepted),
    samples: waits.length,
  };
}

async function ringAfter(hookline: Hookline, known: number): Promise<number> {
  const giveUp = performance.now() + ringLimitMs;
  while (performance.now() < giveUp) {
    const ring = hookline.simulator.rings()[known];
    if (ring !== undefined) return ring.at;
    await sleep(10);
  }
  throw new Error("a webhook rang nobody in time");
}
