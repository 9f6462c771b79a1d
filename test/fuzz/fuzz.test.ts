import fc from "fast-check";
import { expect, test } from "vitest";
import { presets } from "../../src/crm/presets/index.ts";
import { allProperties } from "./properties.ts";
import { signers, subjects } from "./subjects.ts";
import { oneThousand } from "./unsigned.ts";

/** A thousand in all, the same ones each time; `npm run fuzz` makes others. */
const runs = 1_500;
const seed = 20_261_123;

const properties = await allProperties();
const weights = properties.reduce((sum, { weight }) => sum + weight, 0);

test.each(properties.map((one) => [one.name, one] as const))(
  "%s",
  { timeout: 60_000 },
  async (_name, { make, weight }) => {
    const numRuns = Math.max(4, Math.round((runs * weight) / weights));
    await fc.assert(make(), { seed, numRuns });
  },
);

test("Every scheme of every preset is among what is tried", async () => {
  const tried = new Set(subjects.map(({ preset, scheme }) => `${preset.name} ${scheme.name}`));
  const all = [...presets.values()].flatMap(({ name, schemes }) => schemes.map((scheme) => `${name} ${scheme.name}`));
  expect([...tried].sort()).toEqual(all.sort());
  expect((await signers()).length).toBeGreaterThan(10);
});

test("One signed request under a thousand sets of unsigned headers is one event, with its own number", async () => {
  expect(await oneThousand()).toEqual(Array(7).fill(["+14155550100"]));
}, 60_000);
