/** A rule with more waiting calls than one request cancels is turned off, and the service is killed before it is done. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { olderCopyMs } from "../../../src/domain/limits.ts";
import { callMe, line, number, openShop, put, type Shop, source, wideLine } from "../shop.ts";

/** Calls that wait: one request cancels ten thousand of them. */
const many = 13_000;

let shop: Shop;
let owner: postgres.Sql;
beforeAll(async () => {
  shop = await openShop();
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
});

const pause = (verb: "pause" | "resume") =>
  shop.api(`/v1/lines/${line}/${verb}`, { method: "POST", json: { reason: "a test" } });
const states = async () =>
  Object.fromEntries(
    (await owner`select concat_ws(' ', status, reason) as state, count(*)::int as calls from calls group by 1`).map(
      ({ state, calls }) => [state, calls],
    ),
  );

test("none of its calls rings after the answer, and each is canceled once, whenever the service is killed", async () => {
  await pause("pause");
  await shop.send({ name: "#waits", phone: number(1) });
  await shop.until(states, (found) => found.queued === 1);
  await owner`insert into calls (event_id, source, rule, rule_version, try, again_of, mode, line, status, number, country, about, due_at,
      created_at, salt, content)
    select event_id, source, rule, rule_version, n + 1, id, mode, line, 'queued', '+1415557' || lpad((n % 10000)::text, 4, '0'),
      country, about, due_at, created_at, salt, content
    from calls cross join generate_series(1, ${many - 1}) n`;
  // The service is killed in the midst of the request, so that nobody has its answer. The stop is committed first.
  const off = shop.api(`/v1/sources/${source}/rules/call-me`, { method: "PUT", json: { ...callMe, mode: "off" } });
  const lost = off.then(
    () => "answered",
    () => "lost",
  );
  await shop.until(states, (found) => (found["canceled rule_off"] ?? 0) > 0);
  await shop.worker.kill("SIGKILL");
  expect(await lost).toBe("lost");
  await shop.worker.restart();
  const before = await states();
  expect(before.queued).toBeGreaterThan(0);
  // The line continues, the rule is turned on again, and is asked to ring whatever it may.
  await pause("resume");
  await put(shop, `/v1/sources/${source}/rules/call-me`, callMe);
  await shop.send({ name: "#later", phone: number(2) });
  await shop.until(
    () => shop.rings(number(2)),
    (rings) => rings.length === 1,
  );
  expect(shop.rings()).toHaveLength(1);
  // A call that waits says why, until a sweep has canceled it.
  const [one] = await shop.calls(`source=${source}&status=queued&limit=1`);
  expect(one?.waits).toMatchObject({ reason: "rule_off" });
  await shop.until(
    async () => {
      await shop.worker.scheduled();
      return await states();
    },
    (found) => found.queued === undefined,
  );
  expect((await states())["canceled rule_off"]).toBe(many);
  const [entries] = await owner`select count(*)::int as entries, count(distinct subject_id)::int as calls from entries
    where subject = 'call' and action = 'canceled' and reason = 'rule_off'`;
  expect(entries).toEqual({ entries: many, calls: many });
  await put(shop, `/v1/lines/${line}`, wideLine);
  expect(shop.rings()).toHaveLength(1);
  // The row of the stop stays for a while, for inboxes of an earlier version.
  await owner`update stops set at = at - ${2 * olderCopyMs} * interval '1 millisecond'`;
  await shop.worker.scheduled();
  expect(await owner`select from stops`).toHaveLength(0);
});
