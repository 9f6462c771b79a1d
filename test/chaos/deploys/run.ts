/**
 * A deploy under load: `npm run chaos -- --deploys`. The schema goes first, then the Workers, then the objects, class by class; then all of
 * it back, and forward again. Meanwhile webhooks come, secrets are rotated and calls are stopped. What the present version answers has to
 * be true, whatever runs beside it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { draw } from "../../../dev/simulator/engine/chance.ts";
import type { SettingsChange } from "../../../dev/simulator/engine/settings.ts";
import { type Own, ownWord } from "../judge/books.ts";
import { type Judgement, judge } from "../judge/judge.ts";
import { type Quiet, waitQuiet } from "../judge/quiet.ts";
import { type Operator, operator } from "../world/operator.ts";
import { makeSchedule } from "../world/schedule.ts";
import { type SendersReport, sendAll } from "../world/senders.ts";
import { rulesOf, setUp } from "../world/setup.ts";
import { linesOf, type RunOptions } from "../world/size.ts";
import type { Struck } from "../world/strike.ts";
import { readTruth } from "../world/truth.ts";
import { startWatch } from "../world/watch.ts";
import { formerObjects } from "./former.ts";
import { type Combination, startDeployWorld } from "./world.ts";

export type DeploysAsked = {
  readonly events: number;
  readonly seed: number;
  /** How long each combination runs. */
  readonly stepSeconds: number;
  readonly quietMinutes: number;
};

export type DeploysFound = {
  readonly asked: DeploysAsked;
  readonly sent: SendersReport;
  readonly judgement: Judgement;
  readonly quiet: Quiet;
  readonly own: Own;
  /** Stops whose answer promised something. */
  readonly stops: number;
  readonly seconds: number;
};

type Step = Combination & {
  readonly name: string;
  readonly migrates?: true;
  /** The changes that are made meanwhile, beside each other. */
  readonly changes: readonly Change[];
};
type Change = "rotate" | "suppress" | "turnOff" | "pauseLine" | "closeSource" | "cancel";

const former = Object.values(formerObjects);
const each: readonly Change[] = ["rotate", "suppress", "turnOff", "pauseLine", "cancel"];
const both = ["present", "former"] as const;

/**
 * Combinations that a rolling deploy goes through. Objects change after Workers, each at any time within five minutes. The former version
 * promises less: while it alone is asked, little is changed.
 */
const steps: readonly Step[] = [
  { name: "all of it is the former version", workers: ["former"], formerHosts: former, changes: [] },
  {
    name: "the schema is the present one",
    ...{ workers: ["former"], formerHosts: former, migrates: true },
    changes: ["pauseLine"],
  },
  {
    name: "Workers of both versions, former objects",
    ...{ workers: both, formerHosts: former },
    changes: [...each, "closeSource"],
  },
  {
    name: "present lines, former inboxes",
    ...{ workers: both, formerHosts: ["Inbox", "Notary"] },
    changes: each,
  },
  {
    name: "present inboxes, former lines",
    ...{ workers: both, formerHosts: ["Line"] },
    changes: [...each, "closeSource"],
  },
  { name: "Workers of both versions, present objects", workers: both, formerHosts: [], changes: each },
  {
    name: "all of it is the present version",
    ...{ workers: ["present"], formerHosts: [] },
    changes: [...each, "closeSource"],
  },
  {
    name: "back to the former version",
    ...{ workers: ["former"], formerHosts: former },
    changes: ["rotate", "pauseLine"],
  },
  { name: "all of it is the present version again", workers: ["present"], formerHosts: [], changes: each },
];

const sweepEveryMs = 2_000;
const callMs = { min: 200, max: 900 };

export async function runDeploys(
  asked: DeploysAsked,
  say: (line: string) => void = () => undefined,
  keepLog: (text: string) => void = () => undefined,
): Promise<DeploysFound> {
  const began = Date.now();
  const size: RunOptions = {
    events: asked.events,
    seed: asked.seed,
    minutes: (steps.length * asked.stepSeconds) / 60,
    quietMinutes: asked.quietMinutes,
    hasten: true,
  };
  const [first] = steps;
  if (first === undefined) throw new Error("there is no step");
  const world = await startDeployWorld(asked.seed, first);
  try {
    const lines = linesOf(size);
    const secrets = await setUp(world, size);
    const mihu: SettingsChange = {
      seed: asked.seed,
      call_ms: callMs,
      outcomes: { completed: 80, no_answer: 20 },
    };
    world.simulator.setFaults(mihu);
    const person = operator(world, secrets, rulesOf(lines), asked.stepSeconds * 1_000);
    const watch = startWatch(world, { sweepEveryMs, rssEveryMs: 60_000, resumeEveryMs: null }, () => false);
    const startedAt = Date.now();
    let giveUpAt = Number.POSITIVE_INFINITY;
    const { requests } = makeSchedule(size);
    const sending = sendAll(world, requests, { seed: asked.seed, secrets, startedAt, giveUpAt: () => giveUpAt });
    const struck: Struck[] = [];
    for (const [nth, step] of steps.entries()) {
      const from = Date.now();
      say(`  ${((from - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${step.name}`);
      if (step.migrates) await world.migrate();
      else if (nth > 0) await world.change(step);
      struck.push({ kind: "kill", from, until: Date.now() });
      await makeChanges(person, asked, step.changes, nth);
      await sleep(Math.max(0, startedAt + (nth + 1) * asked.stepSeconds * 1_000 - Date.now()));
    }
    giveUpAt = Date.now() + 30_000;
    const sent = await sending;
    const paceUntil = Date.now();
    const quiet = await waitQuiet(world, size, say);
    const own = await ownWord(world);
    await watch.stop();
    const judgement = judge({
      accepted: sent.accepted,
      truth: await readTruth(world.owner),
      rings: world.simulator.rings(),
      posts: world.simulator.posts(),
      struck,
      stops: person.stops(),
      forged: person.forged(),
      lines,
      paceUntil,
    });
    return { asked, sent, judgement, quiet, own, stops: person.stops().length, seconds: (Date.now() - began) / 1_000 };
  } finally {
    keepLog(world.first.worker.logs());
    await world.stop();
  }
}

/** Makes the changes of a step beside each other. */
async function makeChanges(
  person: Operator,
  { seed, stepSeconds }: DeploysAsked,
  changes: readonly Change[],
  nth: number,
): Promise<void> {
  const lastsMs = Math.round((stepSeconds * 1_000) / 3);
  const make = (change: Change): Promise<void> => {
    const chance = draw(seed, change, nth);
    switch (change) {
      case "cancel":
        return person.cancel(chance);
      case "pauseLine":
      case "closeSource":
        return person[change](lastsMs);
      default:
        return person[change](chance, lastsMs);
    }
  };
  await Promise.all(changes.map(make));
}

/** What must be so at the end. */
export function deployPromises(found: DeploysFound): { what: string; broken: readonly string[] }[] {
  const { judgement, sent, quiet, own } = found;
  return [
    { what: "lost", broken: judgement.lost },
    { what: "rung twice", broken: [...judgement.rungTwice, ...judgement.sentAgain, ...judgement.rungAtOnce] },
    { what: "rung though nobody was to be", broken: judgement.rungWrongly },
    { what: "rung after an answered stop", broken: judgement.rungAfterStop },
    { what: "rung for a removed secret", broken: judgement.rungForged },
    { what: "placed and not rung", broken: judgement.notRung },
    { what: "review without a reason", broken: judgement.unexplained },
    { what: "refused though well signed", broken: sent.wronglyRefused === 0 ? [] : [String(sent.wronglyRefused)] },
    {
      what: "no answer in the end",
      broken: sent.givenUp + sent.otherIds === 0 ? [] : [`${sent.givenUp} given up, ${sent.otherIds} with two ids`],
    },
    { what: "no end", broken: quiet.reached ? [] : quiet.left },
    { what: "books", broken: own.balanced && own.ready ? [] : [own.detail] },
    { what: "chain", broken: own.chain ? [] : [own.chainDetail] },
  ];
}

/** @returns what `npm run chaos -- --deploys` prints */
export function deploysTable(found: DeploysFound): string {
  const { judgement, sent, asked } = found;
  const refused = Object.entries(sent.refused).map(([why, times]) => `${why}: ${times}`);
  return [
    `deploys: ${asked.events} events, seed ${asked.seed}, ${found.seconds.toFixed(0)} s`,
    `  accepted             ${judgement.accepted} events, ${sent.deliveries} deliveries`,
    `  tries not taken      ${refused.length === 0 ? "none" : refused.join(", ")}`,
    `  rung once            ${judgement.rungOnce}`,
    `  stops                ${found.stops} of which the answer promised something`,
    ...deployPromises(found).map(({ what, broken }) =>
      broken.length === 0 ? `  kept    ${what}` : `  BROKEN  ${what}: ${broken.slice(0, namedMax).join("; ")}`,
    ),
  ].join("\n");
}
const namedMax = 8;
