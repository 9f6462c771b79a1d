/**
 * `npm run chaos`: the three promises under faults, and the simulator's ledger compared with what was accepted.
 *
 *   npm run chaos -- --events 10000 --seed 7 --minutes 10 [--quiet-minutes 10] [--hasten] [--json FILE] [--logs DIR]
 *
 * `--minutes` is how long events come and things break; then all faults end and everything has to come to its end within
 * `--quiet-minutes`. A lost answer is looked up for six minutes before a person has it; `--hasten` moves the clock of such rows
 * instead, as the short run in `npm test` does.
 *
 *   npm run chaos -- --away 60 --rate 100
 *
 * So many seconds without Postgres, so many webhooks in each: nothing else breaks.
 *
 *   npm run chaos -- --flood [--requests 2000] [--rounds 6]
 *
 * So many requests of strangers in each round, 250 at once, beside honest webhooks; in turns with a bare Worker.
 *
 *   npm run chaos -- --deploys [--events 400] [--step-seconds 5] [--seed 7]
 *
 * A deploy from the frozen former version to this one, and back, under load; each combination of the two runs for so many seconds. With
 * 180 seconds and more, stops outlast every time that an answer names.
 *
 * Exits with 1 when a promise is broken, and with 3 and a reason when there is no verdict.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { awayTable, runAway } from "./away.ts";
import { deployPromises, deploysTable, runDeploys } from "./deploys/run.ts";
import { floodKept, floodTable, runFlood } from "./flood/flood.ts";
import { promisesOf, tableOf } from "./report.ts";
import { runChaos } from "./run.ts";
import { endWithVerdict } from "./verdict.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string" },
    seed: { type: "string", default: "7" },
    minutes: { type: "string", default: "10" },
    "quiet-minutes": { type: "string", default: "10" },
    hasten: { type: "boolean", default: false },
    json: { type: "string" },
    logs: { type: "string" },
    away: { type: "string" },
    flood: { type: "boolean", default: false },
    requests: { type: "string", default: "2000" },
    rounds: { type: "string", default: "6" },
    rate: { type: "string", default: "100" },
    deploys: { type: "boolean", default: false },
    "step-seconds": { type: "string", default: "5" },
  },
});

endWithVerdict(async () => {
  if (values.flood) {
    const asked = { requests: number("requests", values.requests, 1), rounds: number("rounds", values.rounds, 1) };
    const flood = await runFlood(asked, (line) => console.log(line));
    console.log(floodTable(flood));
    return floodKept(flood);
  }

  if (values.deploys) {
    const deploys = await runDeploys(
      {
        events: number("events", values.events ?? "400", 1),
        seed: number("seed", values.seed, 0),
        stepSeconds: number("step-seconds", values["step-seconds"], 0.5),
        quietMinutes: number("quiet-minutes", values["quiet-minutes"], 0.1),
      },
      (line) => console.log(line),
      (text) => {
        if (values.logs !== undefined) writeFileSync(join(values.logs, "deploys.log"), `${text}\n`);
      },
    );
    console.log(deploysTable(deploys));
    return deployPromises(deploys).every(({ broken }) => broken.length === 0);
  }

  if (values.away !== undefined) {
    const away = await runAway(
      {
        seconds: number("away", values.away, 1),
        rate: number("rate", values.rate, 1),
        seed: number("seed", values.seed, 0),
        quietMinutes: number("quiet-minutes", values["quiet-minutes"], 0.1),
      },
      (line) => console.log(line),
    );
    console.log(awayTable(away));
    return away.good;
  }

  const found = await runChaos(
    {
      events: number("events", values.events ?? "10000", 1),
      seed: number("seed", values.seed, 0),
      minutes: number("minutes", values.minutes, 0.1),
      quietMinutes: number("quiet-minutes", values["quiet-minutes"], 0.1),
      hasten: values.hasten,
    },
    (line) => console.log(line),
    (name, text) => {
      if (values.logs !== undefined) writeFileSync(join(values.logs, `${name}.log`), `${text}\n`);
    },
  );
  console.log(tableOf(found));
  const promises = promisesOf(found);
  if (values.json !== undefined) {
    const { sent, ...rest } = found;
    const { accepted, acks, ...counted } = sent;
    const plain = { ...rest, promises, sent: { ...counted, accepted: accepted.size, acknowledged: acks.length } };
    writeFileSync(values.json, `${JSON.stringify(plain, null, 2)}\n`);
  }
  return promises.every(({ kept }) => kept);
});

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  console.error(`--${name} must be a number, at least ${least}`);
  process.exit(2);
}
