/** The end of a run: it comes to rest, and is judged. */
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

type Run = {
  readonly size: RunOptions;
  readonly lines: ReturnType<typeof linesOf>;
  readonly sending: Promise<SendersReport>;
  readonly person: ReturnType<typeof operator>;
  readonly watch: ReturnType<typeof startWatch>;
  /** The faults so far. Asked once the watch has stopped. */
  readonly struck: () => readonly Struck[];
  readonly say: (line: string) => void;
};

export type Conclusion = {
  readonly sent: SendersReport;
  readonly quiet: Quiet;
  readonly own: Own;
  readonly judgement: Judgement;
};

/** Waits for the senders and until nothing moves any more, and compares what was sent and rung with what is stored. */
export async function conclude(world: ChaosWorld, run: Run): Promise<Conclusion> {
  const { size, lines, person } = run;
  const sent = await run.sending;
  const paceUntil = size.hasten ? Date.now() : Number.POSITIVE_INFINITY;
  const quiet = await waitQuiet(world, size, run.say);
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
  return { sent, quiet, own, judgement };
}
