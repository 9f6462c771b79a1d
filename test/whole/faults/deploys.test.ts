/**
 * A deploy from the frozen former version to this one, and back, under load: a short run of `npm run chaos -- --deploys`. Every combination
 * of Workers, objects and schema that a rolling deploy goes through.
 */
import { expect, test } from "vitest";
import { deployPromises, deploysTable, runDeploys } from "../../chaos/deploys/run.ts";

test("through a deploy and back nothing is lost, nobody is rung twice, and no answer is false, whatever version runs beside it", async () => {
  const found = await runDeploys({ events: 120, seed: 7, stepSeconds: 1.5, quietMinutes: 1 });
  const broken = deployPromises(found).filter((promise) => promise.broken.length > 0);
  expect(broken, deploysTable(found)).toEqual([]);
  expect(found.stops).toBeGreaterThan(15);
}, 240_000);
