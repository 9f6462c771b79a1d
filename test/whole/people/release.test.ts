/** A held call leaves by the command line: the difference is printed first, and today's version of the rule rings, once. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { runHookline } from "../../command-line.ts";
import { callMe, number, openShop, put, type Shop, source } from "../shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ rule: { greeting: "Hello {{ data.customer.nickname }}." } });
});
afterAll(async () => await shop?.stop());

const hookline = (...args: string[]) => runHookline(args, { HOOKLINE_URL: shop.url, HOOKLINE_TOKEN: shop.token });

test("A call that is held for a missing text rings by the mended rule, after its difference was printed.", async () => {
  await shop.send({ name: "#9101", phone: number(911) });
  const held = await shop.call("#9101", "held");
  const release = ["release", "--filter", "order_number=#9101", "--reason", "the rule is mended"];

  const shown = await hookline(...release, "--yes");
  expect(shown.text).toContain("passed over: 1 call.");
  expect(shop.rings(number(911))).toEqual([]);

  await put(shop, `/v1/sources/${source}/rules/call-me`, { ...callMe, greeting: "Hello, this is Acme." });
  const plan = await hookline(...release, "--render", "newest");
  expect(plan.code).toBe(0);
  expect(plan.text).toContain(`${held.id}  call-me, version 1 → 2: would ring`);
  expect(plan.text).toContain("+ Hello, this is Acme.");
  expect(plan.text).toContain("1 call would be released. Nothing was changed; --yes does it.");
  expect(shop.rings(number(911))).toEqual([]);

  expect((await hookline(...release, "--render", "newest", "--yes")).text).toContain("released: 1 call");
  await shop.until(
    async () => shop.rings(number(911)).length,
    (rings) => rings > 0,
  );
  expect((await hookline(...release, "--render", "newest", "--yes")).text).toContain("released: 0 calls");
  expect(shop.rings(number(911))).toHaveLength(1);
});

test("A way of rendering that is neither is refused before anything is asked.", async () => {
  const args = ["release", "--filter", "status=held", "--reason", "x", "--render", "other"];
  expect((await hookline(...args)).text).toContain("--render shown, or --render newest");
});
