// Time from the webhook's first byte to the voice API's ring, one at a time: on an idle service, after a quiet time,
// and right after a start. Both ends read this machine's clock.
import { setTimeout as sleep } from "node:timers/promises";
import { load, median } from "./load/load.ts";
import type { Hookline } from "./subjects/hookline.ts";

type Ringing = { p50Ms: number; p90Ms: number; minMs: number; maxMs: number; acceptedP50Ms: number; samples: number };

const ringLimitMs = 5_000;

/** `warmUps`: webhooks that do not count. `pauseMs`: between a ring and the next webhook. `first`: the number of the first webhook. */
type Pace = { readonly samples: number; readonly warmUps: number; readonly pauseMs: number; readonly first: number };

/** Medians and the like of a service that rests for 0.3 s and for 10 s before each webhook, and that was started anew for each. */
export type Rings = { readonly warm: Ringing; readonly quiet: Ringing; readonly started: Ringing };

/** Measures all three. `quick`: fewer samples. @param onQuiet is called before the part that rests most of the time */
export async function measureRings(
  hookline: Hookline,
  path: string,
  quick: boolean,
  onQuiet: () => void = () => undefined,
): Promise<Rings> {
  const warm = { samples: quick ? 10 : 30, warmUps: 5, pauseMs: 300, first: 0 };
  const quiet = { samples: quick ? 1 : 4, warmUps: 1, pauseMs: 10_000, first: 1_000 };
  const started = { samples: quick ? 1 : 5, first: 2_000 };
  const warmRings = await measureRinging(hookline, path, warm);
  onQuiet();
  const quietRings = await measureRinging(hookline, path, quiet);
  return { warm: warmRings, quiet: quietRings, started: await measureFirstRings(hookline, path, started) };
}

/** Sends webhooks to a source that calls, each `pauseMs` after the one before has rung. */
async function measureRinging(
  hookline: Hookline,
  path: string,
  { samples, warmUps, pauseMs, first }: Pace,
): Promise<Ringing> {
  const rings: Ring[] = [];
  for (let nth = 0; nth < warmUps + samples; nth++) {
    rings.push(await ringOnce(hookline, path, first + nth));
    await sleep(pauseMs);
  }
  return summary(rings.slice(warmUps));
}

/** Starts the service anew before each webhook. Its objects have their disks, and nothing is in memory. */
async function measureFirstRings(
  hookline: Hookline,
  path: string,
  { samples, first }: Pick<Pace, "samples" | "first">,
): Promise<Ringing> {
  const rings: Ring[] = [];
  for (let nth = 0; nth < samples; nth++) {
    await hookline.worker.restart();
    rings.push(await ringOnce(hookline, path, first + nth));
  }
  return summary(rings);
}

type Ring = { readonly waitedMs: number; readonly acceptedMs: number };

/** Measures one webhook, from its request to the ring of its call. */
async function ringOnce(hookline: Hookline, path: string, nth: number): Promise<Ring> {
  const known = hookline.simulator.rings().length;
  const recipe = { path, secret: hookline.secret, first: nth, count: 1, eventsEach: 1 };
  const job = { port: hookline.port, recipe, connections: 1, seconds: 5, perSecond: null, cycle: false };
  const sent = await load(job);
  return { waitedMs: (await ringAfter(hookline, known)) - sent.beganAtMs, acceptedMs: sent.p50Ms };
}

function summary(rings: readonly Ring[]): Ringing {
  const waits = rings.map(({ waitedMs }) => waitedMs).sort((one, other) => one - other);
  return {
    p50Ms: median(waits),
    minMs: waits[0] ?? 0,
    maxMs: waits.at(-1) ?? 0,
    p90Ms: waits[Math.floor(waits.length * 0.9)] ?? 0,
    acceptedP50Ms: median(rings.map(({ acceptedMs }) => acceptedMs)),
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
