/**
 * A deploy from the frozen former version to this one, and back, under load: a short run of `npm run chaos -- --deploys`. Every combination
 * of Workers, objects and schema that a rolling deploy goes through, and the one that it must not go through.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { answersHeld } from "../../answers.ts";
import { deployPromises, deploysTable, runDeploys } from "../../chaos/deploys/run.ts";
import { startDeployWorld } from "../../chaos/deploys/world.ts";
import { askApi } from "../../chaos/world/world.ts";

answersHeld.toDescription = false;

test("Through a deploy and back nothing is lost, nobody is rung twice, and no answer is false, whatever version runs beside it.", async () => {
  const found = await runDeploys({ events: 200, seed: 7, stepSeconds: 1.5, quietMinutes: 1 });
  const broken = deployPromises(found).filter((promise) => promise.broken.length > 0);
  expect(broken, deploysTable(found)).toEqual([]);
  expect(found.stops).toBeGreaterThan(15);
}, 240_000);

test("Without its migrations this version says so and keeps what comes, and a source that the former version makes is known to it at once.", async () => {
  const world = await startDeployWorld(3, { workers: ["present"], formerHosts: [] });
  try {
    const present = world.worker("present");
    const former = world.worker("former");
    const secret = "q7Wz3Rk9Lm2Xv8Tn";
    const send = async (source: string, order: string) => {
      const answer = await fetch(`${present.worker.url}/in/${source}`, {
        method: "POST",
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", "idempotency-key": order },
        body: JSON.stringify({ phone: "+14155550123", order }),
      });
      await answer.body?.cancel();
      return answer.status;
    };
    const ready = async () => {
      const answer = await fetch(`${present.worker.url}/readyz`);
      return [answer.status, ((await answer.json()) as { reason?: string }).reason];
    };
    const until = async (isSo: () => boolean | Promise<boolean>) => {
      for (const giveUp = Date.now() + 30_000; !(await isSo()); await sleep(50))
        if (Date.now() > giveUp) throw new Error("it did not come to be");
    };

    expect(await ready()).toEqual([503, "migrations_missing"]);
    const source = { preset: "bearer", secrets: [secret], country: "US" };
    const line = { agent: "a", calls_per_minute: 100, calls_at_once: 10, calls_per_day: 1_000, countries: ["US"] };
    const rule = { mode: "live", line: "early", number: "{{ data.phone }}", about: "About {{ data.order }}." };
    // The former version makes what is there before the deploy.
    await askApi(world, "PUT", "/v1/lines/early", line, former);
    await askApi(world, "PUT", "/v1/sources/early", source, former);
    // A statement that needs the new tables fails: the change is not made, or it is made and can be seen.
    const saved = await askApi(world, "PUT", "/v1/sources/early/rules/call", rule).then(
      () => true,
      () => false,
    );
    expect([await send("early", "1"), await send("early", "2")]).toEqual([202, 202]);
    await world.migrate();
    if (!saved) await askApi(world, "PUT", "/v1/sources/early/rules/call", rule);
    await until(async () => (await ready())[0] === 200);
    if (!saved) await send("early", "3");
    await present.worker.scheduled();
    await until(() => world.simulator.rings().length > 0);

    await world.change({ workers: ["present", "former"], formerHosts: ["Line"] });
    // The list of names is whole and confirmed.
    await until(async () => (await send("nobody", "1")) === 404);
    await askApi(world, "PUT", "/v1/sources/late", source, former);
    expect(await send("late", "1")).toBe(202);
  } finally {
    await world.stop();
  }
}, 120_000);
