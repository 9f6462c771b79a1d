/** Receivers in trouble, kills and removals, through the running product. Retries come by what is written into the rows. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenForOutcomes, number, openShop, type Shop } from "../shop.ts";
import { type Hook, type HookReceiver, ofCall, receiver, status, subscribed } from "./receiver.ts";

let shop: Shop;
let owner: postgres.Sql;
const open: HookReceiver[] = [];
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 100 } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  await listenForOutcomes(shop);
});
afterAll(async () => {
  await owner?.end();
  await Promise.all(open.map((one) => one.close()));
  await shop?.stop();
});

async function ear(): Promise<HookReceiver> {
  const made = await receiver();
  open.push(made);
  return made;
}

const api = async (path: string, method = "GET") => await shop.api(path, { method });
const remove = async (hook: Hook) => await api(`/v1/hooks/${hook.id}`, "DELETE");

let orders = 0;
async function ended() {
  const name = `#9${++orders}`;
  await shop.send({ name, phone: number(2_000 + orders) });
  return await shop.call(name, "ended");
}

/** Makes the retries of a hook due, and has the dispatcher look. */
async function hurry(hook: Hook): Promise<void> {
  await owner`update deliveries set next_at = now() where hook = ${hook.id} and state = 'pending' and lease_until is null`;
  await shop.worker.scheduled();
}

type Delivery = { id: string; type: string; state: string; reason: string | null; tries: number };
type Whole = Delivery & { history: { status: number | null; error: string | null; answer: string | null }[] };

async function deliveries({ id }: Hook): Promise<Delivery[]> {
  const { data } = (await (await api(`/v1/hooks/${id}/deliveries`)).json()) as { data: Delivery[] };
  return data.toReversed();
}
const triesOf = async ({ id }: Delivery) => ((await (await api(`/v1/deliveries/${id}`)).json()) as Whole).history;

/** The hook's deliveries once one has been tried. */
async function tried(hook: Hook, times = 1): Promise<Delivery> {
  const [found] = await shop.until(
    async () => (await deliveries(hook)).filter(({ tries }) => tries >= times),
    (some) => some.length > 0,
    25_000,
  );
  if (found === undefined) throw new Error("nothing was tried");
  return found;
}

/** One call, told to a receiver with one event of it. */
async function toldTo(answer: Parameters<HookReceiver["answer"]>[0]) {
  const to = await ear();
  to.answer(answer);
  const hook = await subscribed(shop, to.url, { events: ["call.ended"] });
  const call = await ended();
  return { to, hook, call };
}

describe("a receiver", () => {
  test("that answers 500 for an hour gets the same message under the same id, in order, and is told as failing and recovered", async () => {
    const [to, watch] = [await ear(), await ear()];
    to.answer(status(500));
    await subscribed(shop, watch.url, { events: ["hook.*"] });
    const hook = await subscribed(shop, to.url);
    const call = await ended();
    for (let times = 1; times < 4; times++) {
      await tried(hook, times);
      await hurry(hook);
    }
    const failing = await shop.until(
      () => watch.heard,
      (found) => found.length > 0,
    );
    expect(failing.map(({ type }) => type)).toEqual(["hook.failing"]);
    // No later event of the call overtakes the first.
    expect(new Set(to.heard.map(({ data }) => data.sequence))).toEqual(new Set([1]));
    expect(new Set(to.heard.map(({ id }) => id)).size).toBe(1);
    to.answer(null);
    await shop.until(
      async () => {
        await hurry(hook);
        return ofCall(to, call.id);
      },
      (found) => found.length === 3,
    );
    expect(ofCall(to, call.id).map(({ data }) => data.sequence)).toEqual([1, 2, 3]);
    await shop.until(
      () => watch.heard.map(({ type }) => type).join(),
      (types) => types === "hook.failing,hook.recovered",
    );
    await remove(hook);
  });

  test("that redirects to an internal address is not followed", async () => {
    const metadata = status(302, { location: "http://169.254.169.254/latest/meta-data/" });
    const { to, hook } = await toldTo(metadata);
    const one = await tried(hook);
    expect(one.state).toBe("pending");
    expect(await triesOf(one)).toMatchObject([{ status: 302, error: null }]);
    expect(to.heard).toHaveLength(1);
    await remove(hook);
  });

  test("that redirects to another receiver posts to nobody else", async () => {
    const other = await ear();
    const { hook } = await toldTo(status(307, { location: other.url }));
    await tried(hook);
    expect(other.heard).toEqual([]);
    await remove(hook);
  });

  test("that answers 10 MB is read no further than it is shown: 2 KB", async () => {
    const { hook } = await toldTo((response) => {
      response.writeHead(200);
      response.end("é".repeat(5 * 1_048_576));
    });
    const one = await tried(hook);
    const [history] = await triesOf(one);
    expect([one.state, history?.status]).toEqual(["delivered", 200]);
    expect(Buffer.byteLength(history?.answer ?? "")).toBeLessThanOrEqual(2_051);
    expect(history?.answer?.length).toBeGreaterThanOrEqual(1_024);
    await remove(hook);
  });

  test("that resets the connection is tried again", async () => {
    const { to, hook } = await toldTo((response) => void response.destroy());
    const one = await tried(hook);
    expect(await triesOf(one)).toMatchObject([{ status: null, error: "receiver_unreachable" }]);
    to.answer(null);
    await hurry(hook);
    await shop.until(
      () => deliveries(hook),
      (found) => found[0]?.state === "delivered",
    );
    expect(new Set(to.heard.map(({ id }) => id)).size).toBe(1);
    await remove(hook);
  });

  test("that answers 410 ends its hook at once, which says so, and gets no more", async () => {
    const { to, hook } = await toldTo(status(410));
    const shown = async () => (await (await api(`/v1/hooks/${hook.id}`)).json()) as Hook;
    await shop.until(shown, ({ state }) => state === "disabled");
    expect(await shown()).toMatchObject({ reason: "receiver_gone" });
    to.answer(null);
    await ended();
    const [, missed] = await shop.until(
      () => deliveries(hook),
      (found) => found.length === 2,
    );
    expect(missed).toMatchObject({ state: "missed", reason: "hook_disabled" });
    expect(to.heard).toHaveLength(1);
    await subscribed(shop, to.url, { events: ["call.ended"] });
    expect(await shown()).toMatchObject({ state: "active" });
    await remove(hook);
  });

  test("that answers 429 with Retry-After is left alone for that long", async () => {
    const { hook } = await toldTo(status(429, { "retry-after": "7200" }));
    await tried(hook);
    const [{ hours } = { hours: 0 }] = await owner<{ hours: number }[]>`
      select (extract(epoch from next_at - now()) / 3600)::float8 as hours from deliveries where hook = ${hook.id}`;
    expect(hours).toBeGreaterThan(1.9);
    expect(hours).toBeLessThan(2.3);
    await remove(hook);
  });

  test("that refuses one event three times gets the next one of the call", async () => {
    const to = await ear();
    to.answer((response, { data }) => void response.writeHead(data.sequence === 1 ? 400 : 200).end());
    const hook = await subscribed(shop, to.url);
    const call = await ended();
    const found = await shop.until(
      async () => {
        await hurry(hook);
        return await deliveries(hook);
      },
      (some) => some.length === 3 && some.every(({ state }) => state !== "pending"),
    );
    expect(Object.fromEntries(found.map(({ type, state, reason, tries }) => [type, [state, reason, tries]]))).toEqual({
      "call.queued": ["given_up", "receiver_refuses", 3],
      "call.placed": ["delivered", null, 1],
      "call.ended": ["delivered", null, 1],
    });
    expect(ofCall(to, call.id)).toHaveLength(3);
    await remove(hook);
  });

  test("that never answers holds up no other, and its retries no other call's", async () => {
    const [slow, well] = [await ear(), await ear()];
    slow.answer(() => {});
    const [stuck, good] = [await subscribed(shop, slow.url), await subscribed(shop, well.url)];
    const began = Date.now();
    const calls = await Promise.all([ended(), ended(), ended()]);
    for (const { id } of calls)
      await shop.until(
        () => ofCall(well, id),
        (found) => found.length === 3,
      );
    expect(Date.now() - began).toBeLessThan(14_000);
    expect(slow.heard.length).toBeGreaterThan(0);
    expect((await deliveries(stuck)).every(({ state }) => state === "pending")).toBe(true);
    for (const hook of [stuck, good]) await remove(hook);
  });
});

test("a hook that is removed while it delivers ends without a trace, and the others go on", async () => {
  const [to, other] = [await ear(), await ear()];
  const held = Promise.withResolvers<() => void>();
  to.answer((response) => held.resolve(() => void response.writeHead(200).end()));
  const [hook, stays] = [await subscribed(shop, to.url), await subscribed(shop, other.url)];
  const call = await ended();
  const answer = await held.promise;
  expect((await remove(hook)).status).toBe(204);
  answer();
  await shop.until(
    () => ofCall(other, call.id),
    (found) => found.length === 3,
  );
  const next = await ended();
  await shop.until(
    () => ofCall(other, next.id),
    (found) => found.length === 3,
  );
  expect((await api(`/v1/hooks/${hook.id}/deliveries`)).status).toBe(404);
  // The sweep deletes its deliveries.
  await shop.worker.scheduled();
  expect(await owner`select 1 from deliveries where hook = ${hook.id}`).toEqual([]);
  await remove(stays);
});

test("what workerd had sent when it was killed is delivered again under the same id, and nothing is lost", async () => {
  const to = await ear();
  const sent = Promise.withResolvers<void>();
  to.answer(() => sent.resolve());
  const hook = await subscribed(shop, to.url, { events: ["call.*"] });
  const calls = [ended(), ended()];
  await sent.promise;
  const [one, two] = await Promise.all(calls);
  await shop.until(
    () => deliveries(hook),
    (found) => found.length === 6,
  );
  const before = new Set(to.heard.map(({ id }) => id));
  await shop.worker.kill("SIGKILL");
  to.answer(null);
  await shop.worker.restart();
  // The lease of the killed process ends.
  await owner`update deliveries set lease_until = now() where lease_until is not null`;
  await shop.worker.scheduled();
  for (const call of [one, two]) {
    await shop.until(
      () => ofCall(to, call?.id ?? ""),
      (found) => found.length === 3,
      25_000,
    );
    expect(ofCall(to, call?.id ?? "").map(({ data }) => data.sequence)).toEqual([1, 2, 3]);
  }
  const times = (id: string) => to.heard.filter((heard) => heard.id === id).length;
  expect(before.size).toBeGreaterThan(0);
  for (const id of before) expect(times(id)).toBeGreaterThanOrEqual(2);
  expect(new Set(to.heard.map(({ id }) => id)).size).toBe(6);
  await remove(hook);
});
