/**
 * `npm run chaos -- --away 60 --rate 100`: so many seconds without Postgres, so many webhooks in each of them. All are to be
 * acknowledged at once, and all rung once Postgres is back.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type Judgement, judge } from "./judge/judge.ts";
import { type Quiet, waitQuiet } from "./judge/quiet.ts";
import { percentile } from "./percentile.ts";
import type { Request } from "./world/schedule.ts";
import { sendAll } from "./world/senders.ts";
import { setUp } from "./world/setup.ts";
import { linesOf, type RunOptions } from "./world/size.ts";
import { eventOf, sourceSlugs } from "./world/story.ts";
import { readTruth } from "./world/truth.ts";
import { startWorld } from "./world/world.ts";

type AwayAsked = {
  readonly seconds: number;
  readonly rate: number;
  readonly seed: number;
  readonly quietMinutes: number;
};

type AwayFound = {
  readonly asked: AwayAsked;
  readonly sent: number;
  /** Answers that were not a 2xx, by what came instead: each was sent again. */
  readonly refused: Readonly<Record<string, number>>;
  /** Acknowledged while Postgres was away. */
  readonly acknowledged: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly rssMaxBytes: number;
  readonly quiet: Quiet;
  readonly judgement: Judgement;
  /** Each event was acknowledged at its first try, and rang once. */
  readonly good: boolean;
};

/** Postgres has gone for so long before the first webhook comes: none meets a commit under way. */
const beforeMs = 200;
const rssEveryMs = 500;
const callMs = 300;

export async function runAway(asked: AwayAsked, say: (line: string) => void = () => undefined): Promise<AwayFound> {
  const count = asked.seconds * asked.rate;
  const size: RunOptions = {
    events: count,
    seed: asked.seed,
    minutes: asked.seconds / 60,
    quietMinutes: asked.quietMinutes,
    hasten: false,
  };
  const world = await startWorld(asked.seed);
  try {
    const lines = linesOf(size).map((line) => ({ ...line, callsPerMinute: 60_000, callsAtOnce: 10_000 }));
    const secrets = await setUp(world, size, lines);
    world.second.up = false;
    await world.second.worker.kill("SIGKILL");
    world.simulator.setFaults({ call_ms: callMs });
    const giveUpAt = () => Number.POSITIVE_INFINITY;
    // Each inbox has met its source before: a source that was never asked for cannot be verified.
    const known = sourceSlugs.map((source, nth) => requestOf(count + nth, source, 0));
    const before = await sendAll(world, known, { seed: asked.seed, secrets, startedAt: Date.now(), giveUpAt });

    say(`  Postgres goes away for ${asked.seconds} s; ${asked.rate} webhooks come in each of them`);
    await world.cluster.away();
    await sleep(beforeMs);
    let rssMaxBytes = 0;
    const watch = setInterval(() => {
      rssMaxBytes = Math.max(rssMaxBytes, world.first.worker.rss());
    }, rssEveryMs);
    const startedAt = Date.now();
    const requests = Array.from({ length: count }, (_, nth) =>
      requestOf(nth, sourceSlugs[nth % sourceSlugs.length] ?? "desk", (nth / asked.rate) * 1_000),
    );
    const sending = sendAll(world, requests, { seed: asked.seed, secrets, startedAt, giveUpAt });
    await sleep(asked.seconds * 1_000);
    const backAt = Date.now();
    await world.cluster.back();
    say("  Postgres is back");
    const sent = await sending;
    const quiet = await waitQuiet(world, size, say, { sweeps: true });
    clearInterval(watch);

    const judgement = judge({
      accepted: new Map([...before.accepted, ...sent.accepted]),
      truth: await readTruth(world.owner),
      rings: world.simulator.rings(),
      posts: world.simulator.posts(),
      struck: [],
      stops: [],
      forged: new Set(),
      lines,
      paceUntil: Number.POSITIVE_INFINITY,
    });
    const whileAway = sent.acks.filter(({ at, ms }) => at + ms <= backAt).map(({ ms }) => ms);
    const rung = judgement.rungOnce === count + known.length && judgement.rungTwice.length === 0;
    return {
      asked,
      sent: count,
      refused: sent.refused,
      acknowledged: whileAway.length,
      p50Ms: percentile(whileAway, 0.5),
      p99Ms: percentile(whileAway, 0.99),
      maxMs: percentile(whileAway, 1),
      rssMaxBytes,
      quiet,
      judgement,
      good: rung && judgement.lost.length === 0 && Object.keys(sent.refused).length === 0 && quiet.reached,
    };
  } finally {
    await world.stop();
  }
}

/** @returns what `npm run chaos -- --away` prints */
export function awayTable(found: AwayFound): string {
  const { asked, judgement, quiet } = found;
  const refused = Object.entries(found.refused).map(([why, times]) => `${why}: ${times}`);
  return [
    `${asked.seconds} s without Postgres, ${asked.rate} webhooks a second`,
    `  sent                 ${found.sent}`,
    `  acknowledged away    ${found.acknowledged} (the last may be answered just after)`,
    `  not taken at once    ${refused.length === 0 ? "none" : refused.join(", ")}`,
    `  acknowledged in      p50 ${found.p50Ms.toFixed(1)} ms, p99 ${found.p99Ms.toFixed(1)} ms, at most ${found.maxMs.toFixed(1)} ms`,
    `  rung once            ${judgement.rungOnce}, with one of each source before`,
    `  rung twice           ${judgement.rungTwice.length}`,
    `  lost                 ${judgement.lost.length}`,
    `  quiet                ${quiet.reached ? "" : "not reached, "}${quiet.seconds.toFixed(0)} s after Postgres was back`,
    `  memory at most       ${Math.round(found.rssMaxBytes / 1_048_576)} MiB`,
    found.good ? "  kept" : "  BROKEN",
  ].join("\n");
}

function requestOf(index: number, source: (typeof sourceSlugs)[number], atMs: number): Request {
  return { index, source, events: [eventOf(index, source, "live", "wide")], deliveriesMs: [Math.round(atMs)] };
}
