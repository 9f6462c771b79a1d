/**
 * `npm run fuzz`: the properties of this folder over very many made-up inputs.
 *
 *   npm run fuzz -- --runs 1000000 --seed 7 [--only WORDS] [--path 12:3:0]
 *
 * Runs are shared out by the properties' weights, and go in rounds, each with a seed of its own that is told when it fails: `--seed`,
 * `--only` and `--path` as they are printed repeat it. Exits with 1 at a counterexample.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { allProperties } from "./properties.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    seed: { type: "string", default: "7" },
    only: { type: "string" },
    path: { type: "string" },
  },
});

const runs = whole("runs", values.runs);
const firstSeed = whole("seed", values.seed);
const roundMax = 20_000;

const only = values.only;
const chosen = (await allProperties()).filter(
  ({ name }) => only === undefined || name.toLowerCase().includes(only.toLowerCase()),
);
if (chosen.length === 0) fail(`No property is named like ${JSON.stringify(only)}.`);
const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);

const began = performance.now();
let done = 0;
for (const property of chosen) {
  const wanted = Math.max(1, Math.round((runs * property.weight) / weights));
  const since = performance.now();
  for (let from = 0, seed = firstSeed; from < wanted; from += roundMax, seed++) {
    const numRuns = Math.min(roundMax, wanted - from);
    const path = values.path === undefined ? {} : { path: values.path };
    const found = await fc.check(property.make(), { seed, numRuns, ...path });
    done += found.numRuns;
    if (found.failed) {
      console.error(`\nBROKEN: ${property.name}\n`);
      console.error(found.errorInstance instanceof Error ? found.errorInstance.stack : found.errorInstance);
      console.error(`\n${fc.defaultReportMessage(found)}`);
      console.error(
        `\nrepeat it: npm run fuzz -- --runs 1 --only ${JSON.stringify(property.name)} --seed ${seed} --path ${JSON.stringify(found.counterexamplePath)}`,
      );
      process.exit(1);
    }
    if (from + numRuns < wanted) console.log(`  … ${from + numRuns} of ${wanted}, ${done} in all, ${seconds(began)} s`);
  }
  console.log(`held over ${wanted}, ${seconds(since)} s: ${property.name}`);
}
console.log(`\n${done} inputs, ${chosen.length} properties, seed ${firstSeed}, ${seconds(began)} s: all held`);

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) fail(`--${name} must be a whole number.`);
  return value;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
