/** The end of a run: it comes to rest, and is judged. */
import { setTimeout as sleep } from "node:timers/promises";
import { hastenDeliveries, type Receivers, readTold } from "../hooks/receivers.ts";
import { type HooksJudged, judgeHooks } from "../hooks/told.ts";
import type { operator } from "../world/operator.ts";
import type { SendersReport } from "../world/senders.ts";
import type { linesOf, RunOptions } from "../world/size.ts";
import type { Struck } from "../world/strike.ts";
import { readTruth } from "../world/truth.ts";
import type { startWatch } from "../world/watch.ts";
import type { ChaosWorld } from "../world/world.ts";
import { type Own, ownWord } from "./books.ts";
import { type Judgement, judge } from "./judge.ts";
import { type Quiet, waitQuiet } from "./quiet.ts";

/** A lease, and a sweep after it. */
const deliveriesEndMs = 120_000;

type Run = {
  readonly size: RunOptions;
  readonly lines: ReturnType<typeof linesOf>;
  readonly sending: Promise<SendersReport>;
  readonly person: ReturnType<typeof operator>;
  readonly watch: ReturnType<typeof startWatch>;
  /** Absent without hooks: a former version has none. */
  readonly receivers?: Receivers;
  /** The faults so far. Asked once the watch has stopped. */
  readonly struck: () => readonly Struck[];
  readonly say: (line: string) => void;
};

export type Conclusion = {
  readonly sent: SendersReport;
  readonly quiet: Quiet;
  readonly own: Own;
  readonly judgement: Judgement;
  readonly hooks: (HooksJudged & { readonly waiting: number }) | null;
};

/** Waits for the senders and until nothing moves any more, and compares what was sent and rung with what is stored. */
export async function conclude(world: ChaosWorld, run: Run): Promise<Conclusion> {
  const { size, lines, person } = run;
  const sent = await run.sending;
  const paceUntil = size.hasten ? Date.now() : Number.POSITIVE_INFINITY;
  const quiet = await waitQuiet(world, size, run.say);
  const { receivers } = run;
  const waiting = receivers === undefined ? 0 : await deliveriesEnd(world, receivers);
  const own = await ownWord(world);
  await run.watch.stop();
  const judgement = judge({
    accepted: sent.accepted,
    truth: await readTruth(world.owner),
    rings: world.simulator.rings(),
    posts: world.simulator.posts(),
    struck: run.struck(),
    stops: person.stops(),
    forged: person.forged(),
    lines,
    paceUntil,
  });
  const hooks =
    receivers === undefined ? null : { ...judgeHooks(await readTold(world.owner), receivers.received()), waiting };
  return { sent, quiet, own, judgement, hooks };
}

/** Waits until nothing is left to deliver. The sweeps poke the dispatchers. @returns what is left when it takes too long */
async function deliveriesEnd({ owner }: ChaosWorld, receivers: Receivers): Promise<number> {
  receivers.calm();
  const until = Date.now() + deliveriesEndMs;
  for (;;) {
    const waiting = await hastenDeliveries(owner);
    if (waiting === 0 || Date.now() > until) return waiting;
    await sleep(250);
  }
}
