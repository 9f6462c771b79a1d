/**
 * A short run of `npm run chaos`. Leases and look-ups would take eight minutes: once all faults are over, the owner's role moves the
 * clock of such rows, and an operator widens the lines (see `test/chaos/judge/quiet.ts`).
 */
import { expect, test } from "vitest";
import { promisesOf, tableOf } from "../../chaos/report.ts";
import { runChaos } from "../../chaos/run.ts";

test.each([7])(
  "whatever breaks: no accepted event is lost, none rings twice, every end is explained (seed %i)",
  async (seed) => {
    const found = await runChaos({ events: 150, seed, minutes: 0.3, quietMinutes: 1, hasten: true });
    const broken = promisesOf(found).filter(({ kept }) => !kept);
    expect(broken, tableOf(found)).toEqual([]);
  },
  240_000,
);
