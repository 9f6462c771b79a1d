/** A source in the care of an administrator, through the whole: a pause that loses nothing, a secret that gives way, events that are replayed. */
import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Command } from "../../../cli/command.ts";
import { presetsCommand } from "../../../cli/config/presets.ts";
import { resealCommand, rotateSecretCommand } from "../../../cli/install/seals.ts";
import { pauseCommand, resumeCommand } from "../../../cli/operate/pause.ts";
import { replayCommand } from "../../../cli/operate/replay.ts";
import { acmeSource, callMe, line, number, openShop, put, type Shop, secret, source } from "../shop.ts";

let shop: Shop;
let owner: postgres.Sql;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 200 }, rule: { expires: "4h" } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
});

/** Runs a verb of the command line against the shop. */
async function cli(command: Command, args: string[], env: Record<string, string> = {}) {
  const said: string[] = [];
  const code = await command.run(args, {
    env: { HOOKLINE_URL: shop.url, HOOKLINE_TOKEN: shop.token, ...env },
    out: (text) => void said.push(text),
    say: (text) => void said.push(text),
  });
  return { code, said: said.join("\n") };
}
const view = async () => (await shop.api(`/v1/sources/${source}`)).json() as Promise<Record<string, never>>;

test("A paused source takes webhooks and rings nobody; when it continues each rings once, but for what is too late by its rule.", async () => {
  await shop.send({ name: "#1", phone: number(1) });
  await shop.call("#1", "placed");
  expect((await cli(pauseCommand, ["--source", source, "--reason", "moving"])).said).toContain("paused");
  const sent = await Promise.all([2, 3, 4].map((nth) => shop.send({ name: `#${nth}`, phone: number(nth) })));
  for (const { status } of sent) expect(status).toBe(202);
  await shop.send({ name: "#5", phone: number(5), tags: "nothing" });
  const ids = sent.map(({ eventId }) => eventId);
  // The sweep comes by, and somebody saves the source.
  await shop.worker.scheduled();
  await put(shop, `/v1/sources/${source}`, acmeSource);
  const states = async () => await owner`select id, state from events where source = ${source} and state = 'unplanned'`;
  expect(await states()).toHaveLength(4);
  const ready = (await (await shop.api("/readyz")).json()) as {
    status: string;
    problems: { code: string; rows: string[] }[];
  };
  expect(ready.problems).toContainEqual(expect.objectContaining({ code: "source_paused", rows: [source] }));
  await owner`update events set received_at = now() - interval '5 hours' where id = ${ids[0] ?? ""}`;

  expect((await cli(resumeCommand, ["--source", source])).said).toContain("resumed");
  for (const nth of [3, 4]) await shop.call(`#${nth}`, "placed");
  expect(await shop.call("#2", "skipped")).toMatchObject({ reason: "expired" });
  await shop.until(states, (left) => left.length === 0);
  expect([1, 2, 3, 4, 5].map((nth) => shop.rings(number(nth)).length)).toEqual([1, 0, 1, 1, 0]);
});

test("A secret is rotated with an overlap: both verify, then the new one alone, and every order rings once.", async () => {
  const fresh = "shpss_fresh_0123456789abcdef";
  expect((await cli(rotateSecretCommand, [source, "--env", "FRESH", "--overlap", "4s"], { FRESH: fresh })).code).toBe(
    0,
  );
  const send = async (nth: number, by: string) =>
    await shop.send({ name: `#${nth}`, phone: number(nth) }, { secret: by });
  await shop.until(
    () => send(20, fresh),
    ({ status }) => status === 202,
  );
  expect((await send(21, secret)).status).toBe(202);
  // An order that no rule wants: it is sent until it is refused.
  const probe = { name: "#22", phone: number(22), tags: "nothing" };
  await shop.until(
    () => shop.send(probe, { secret }),
    ({ status }) => status === 401,
  );
  expect((await send(23, fresh)).status).toBe(202);
  await shop.worker.scheduled();
  expect(await owner`select env from secrets where source = ${source} and retired_at is null`).toEqual([
    { env: "FRESH" },
  ]);
  for (const nth of [20, 21, 23]) await shop.call(`#${nth}`, "placed");
  expect([20, 21, 22, 23].map((nth) => shop.rings(number(nth)).length)).toEqual([1, 1, 0, 1]);
  await put(shop, `/v1/sources/${source}`, acmeSource);
  await shop.until(
    () => shop.send(probe, { secret }),
    ({ status }) => status === 202,
  );
});

test("After a rule is mended its events are replayed by a plan that is shown first: whoever was rung is not rung again.", async () => {
  await put(shop, `/v1/sources/${source}/rules/call-me`, { ...callMe, number: "{{ data.no_such_field }}" });
  await shop.send({ name: "#40", phone: number(40) });
  await shop.send({ name: "#41", phone: number(41) });
  for (const nth of [40, 41]) await shop.call(`#${nth}`, "skipped");
  await put(shop, `/v1/sources/${source}/rules/call-me`, callMe);
  const asked = ["--source", source, "--reason", "the number's field was wrong", "--filter", "reason=no_number"];
  const plan = await cli(replayCommand, asked);
  expect(plan.said).toMatch(/would call 2;.*Nothing was changed/s);
  expect(shop.rings(number(40))).toEqual([]);
  expect((await cli(replayCommand, [...asked, "--yes"])).said).toContain("called 2");
  await shop.until(
    () => [40, 41].map((nth) => shop.rings(number(nth)).length),
    (rings) => rings.every((count) => count === 1),
  );
  // All of the source's events are replayed. The rule now allows one day, and the event that was too late is older. The
  // second replay finds nothing.
  for (const called of [1, 0])
    expect((await cli(replayCommand, ["--source", source, "--reason", "x", "--yes"])).said).toMatch(
      new RegExp(`^called ${called};`, "m"),
    );
  await shop.until(
    () => shop.rings(number(2)).length,
    (count) => count === 1,
  );
  const rings = shop.rings();
  expect(new Set(rings.map((ring) => ring.number)).size).toBe(rings.length);
  const story = (await (await shop.api(`/v1/calls?order_number=40`)).json()) as {
    data: { id: string; try: number; again_of: string | null }[];
  };
  expect(story.data.map((call) => [call.try, call.again_of])).toEqual([
    [2, story.data[1]?.id],
    [1, null],
  ]);
});

test("The command line lists presets and says how to set one up, and seals everything anew.", async () => {
  expect((await cli(presetsCommand, [])).said).toContain("shopify");
  expect((await cli(presetsCommand, ["shopify"])).said).toContain("not signed: id, type, tenant");
  await expect(cli(presetsCommand, [randomUUID()])).rejects.toThrow("there is no preset");
  expect(await cli(resealCommand, [])).toEqual({ code: 0, said: "0 values sealed anew" });
  expect((await view()).slug).toBe(source);
  expect(line).toBe("support-en");
});

test("A webhook that waits while its source is closed rings nobody, also if the source is opened again at once; a later one rings.", async () => {
  await cli(pauseCommand, ["--source", source, "--reason", "moving"]);
  const { status, eventId } = await shop.send({ name: "#closed", phone: number(60) });
  expect(status).toBe(202);
  await shop.api(`/v1/sources/${source}`, { method: "DELETE" });
  await put(shop, `/v1/sources/${source}`, acmeSource);
  await put(shop, `/v1/sources/${source}/rules/call-me`, { ...callMe, expires: "4h" });
  const event = async () => (await (await shop.api(`/v1/events/${eventId}`)).json()) as Record<string, unknown>;
  await shop.worker.scheduled();
  await shop.until(event, ({ state }) => state !== "unplanned");
  expect(await event()).toMatchObject({ state: "ignored", reason: "source_closed_before", waits: null });
  expect((await shop.send({ name: "#opened", phone: number(61) })).status).toBe(202);
  await shop.call("#opened", "placed");
  expect([60, 61].map((nth) => shop.rings(number(nth)).length)).toEqual([0, 1]);
});
