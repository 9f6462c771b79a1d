/** Hooks as they are read, with their last and their next try. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HooksWorld, hooksWorld, result, retry } from "../world/hooks.ts";

let w: HooksWorld;
beforeEach(async () => {
  w = await hooksWorld();
});
afterEach(() => w.end());

const hourMs = 3_600_000;

it("A hook whose receiver asked to be left alone has its next try after that, though a delivery is due.", async () => {
  const hook = await w.hook();
  await w.deliver(hook, { entry: 1 }, { entry: 2 });
  const [one] = await w.one.claim([hook], 1);
  if (one === undefined) throw new Error("nothing was claimed");
  expect((await w.hooks.find(hook))?.lastTry).toBeNull();
  const asked = Date.now();
  await w.one.record([result(one, retry(5_000), { status: 429, retryAfterMs: hourMs })]);
  const found = await w.hooks.find(hook);
  expect(found?.lastTry).toMatchObject({ status: 429 });
  expect(found?.nextAt).toBeGreaterThanOrEqual(asked + hourMs);
  // The dispatcher's own answer is the same.
  expect(found?.nextAt).toBe(await w.one.nextAt());
});

it("A hook without deliveries has no try.", async () => {
  expect(await w.hooks.find(await w.hook())).toMatchObject({ nextAt: null, lastTry: null });
});

it("The last try of a failing hook is found behind many deliveries that were not tried.", async () => {
  const hook = await w.hook();
  await w.deliver(hook, { entry: 1 });
  const [one] = await w.one.claim([hook], 1);
  if (one === undefined) throw new Error("nothing was claimed");
  await w.one.record([result(one, retry(0), { status: 503 })]);
  await w.owner`insert into deliveries (hook, entry, type, body, personal, next_at)
    select ${hook}, n, 'call.ended', '{}', false, now() + interval '1 minute' from generate_series(2, 300) n`;
  expect((await w.hooks.find(hook))?.lastTry).toMatchObject({ status: 503 });
});
