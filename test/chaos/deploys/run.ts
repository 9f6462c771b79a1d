/**
 * A deploy under load: `npm run chaos -- --deploys`. The run deploys the schema first, then the Workers, then the objects, class by class.
 * It rolls all of them back, and deploys them again. Meanwhile webhooks arrive, secrets are rotated and calls are stopped. The present
 * version's answers must be true, whichever versions run beside it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { draw } from "../../../dev/simulator/engine/chance.ts";
import type { SettingsChange } from "../../../dev/simulator/engine/settings.ts";
import { type Conclusion, conclude } from "../judge/conclusion.ts";
import { type Operator, operator } from "../world/operator.ts";
import { makeSchedule } from "../world/schedule.ts";
import { sendAll } from "../world/senders.ts";
import { rulesOf, setUp } from "../world/setup.ts";
import { linesOf, type RunOptions } from "../world/size.ts";
import type { Struck } from "../world/strike.ts";
import { startWatch } from "../world/watch.ts";
import { formerObjects } from "./former.ts";
import { type Combination, type DeployWorld, startDeployWorld } from "./world.ts";

export type DeploysAsked = {
  readonly events: number;
  readonly seed: number;
  /** Time of each combination of two versions. One version alone runs for five seconds at the most. */
  readonly stepSeconds: number;
  readonly quietMinutes: number;
};

export type DeploysFound = Conclusion & {
  readonly asked: DeploysAsked;
  /** Steps in which a refused request was in nobody's list. */
  readonly unseen: readonly string[];
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
type Change = "rotate" | "suppress" | "turnOff" | "pauseLine" | "closeSource" | "cancel" | "stranger";

const former = Object.values(formerObjects);
const each: readonly Change[] = ["rotate", "suppress", "turnOff", "pauseLine", "cancel", "stranger"];
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
    minutes: steps.reduce((sum, step) => sum + lastsMsOf(step, asked), 0) / 60_000,
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
    const person = operator(world, secrets, rulesOf(lines), (asked.stepSeconds * 1_000) / 2);
    const watch = startWatch(world, { sweepEveryMs, rssEveryMs: 60_000, resumeEveryMs: null }, () => false);
    const startedAt = Date.now();
    let giveUpAt = Number.POSITIVE_INFINITY;
    const { requests } = makeSchedule(size);
    const sending = sendAll(world, requests, { seed: asked.seed, secrets, startedAt, giveUpAt: () => giveUpAt });
    sending.catch(() => undefined);
    const struck: Struck[] = [];
    const unseen: string[] = [];
    let endsAt = startedAt;
    for (const [nth, step] of steps.entries()) {
      endsAt += lastsMsOf(step, asked);
      const from = Date.now();
      say(`  ${((from - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${step.name}`);
      if (step.migrates) await world.migrate();
      else if (nth > 0) await world.change(step);
      struck.push({ kind: "kill", from, until: Date.now() });
      const strange = async () => {
        if (!(await isSeen(world))) unseen.push(step.name);
      };
      await makeChanges({ ...person, stranger: strange }, lastsMsOf(step, asked), step.changes, (what) =>
        draw(asked.seed, what, nth),
      );
      await sleep(Math.max(0, endsAt - Date.now()));
    }
    giveUpAt = Date.now() + 30_000;
    const ends = await conclude(world, { size, lines, sending, person, watch, struck: () => struck, say });
    return {
      asked,
      ...ends,
      unseen,
      stops: person.stops().length,
      seconds: (Date.now() - began) / 1_000,
    };
  } finally {
    keepLog(world.first.worker.logs());
    await world.stop();
  }
}

const aloneMsMax = 5_000;

function lastsMsOf({ workers, formerHosts }: Step, { stepSeconds }: DeploysAsked): number {
  const alone = workers.length === 1 && (workers[0] === "former" || formerHosts.length === 0);
  return Math.min(stepSeconds * 1_000, alone ? aloneMsMax : Number.POSITIVE_INFINITY);
}

/** Makes the changes of a step beside each other. They stand for most of it. */
async function makeChanges(
  person: Operator & { stranger(): Promise<void> },
  stepMs: number,
  changes: readonly Change[],
  chance: (what: string) => number,
): Promise<void> {
  const lastsMs = Math.round(stepMs * 0.8);
  const make = (change: Change): Promise<void> => {
    switch (change) {
      case "stranger":
        return person.stranger();
      case "cancel":
        return person.cancel(chance(change));
      case "pauseLine":
        // Most calls are on this line, and the other stops are to have some.
        return person.pauseLine(lastsMs / 2);
      case "closeSource":
        return person.closeSource(lastsMs);
      case "rotate":
        // The removal of the old secret is promised within the other half.
        return person.rotate(chance(change), stepMs * 0.2);
      default:
        return person[change](chance(change), lastsMs);
    }
  };
  await Promise.all(changes.map(make));
}

const seenWithinMs = 15_000;

/** A request that is signed wrongly is refused by the present version, and is among the rejections of its source. */
async function isSeen(world: DeployWorld): Promise<boolean> {
  const count = async () => {
    const [row] = await world.owner<[{ count: number }]>`
      select count(*)::int as count from rejections where source = 'desk'`;
    return row.count;
  };
  const before = await count();
  const answer = await fetch(`${world.worker("present").worker.url}/in/desk`, { method: "POST", body: "unsigned" });
  await answer.body?.cancel();
  if (answer.status !== 401) return false;
  for (const giveUp = Date.now() + seenWithinMs; Date.now() < giveUp; await sleep(50))
    if ((await count()) > before) return true;
  return false;
}

/** The promises that must hold at the end. */
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
    { what: "refused and in no list", broken: found.unseen },
    { what: "turned away though nothing was down", broken: turnedAway(found) },
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

/** A busy machine may be too slow for some. */
const turnedAwayShare = 0.05;

function turnedAway({ sent }: DeploysFound): string[] {
  const { turnedAway: times, deliveries } = sent;
  return times <= deliveries * turnedAwayShare ? [] : [`${times} of ${deliveries} deliveries`];
}
