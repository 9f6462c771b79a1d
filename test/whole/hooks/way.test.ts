/** The way of a call as hooks hear of it, through the running product. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenForOutcomes, number, openShop, type Shop } from "../shop.ts";
import { type HookReceiver, isSigned, ofCall, receiver, subscribed } from "./receiver.ts";

let shop: Shop;
const open: HookReceiver[] = [];
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 200 } });
  await listenForOutcomes(shop);
});
afterAll(async () => {
  await Promise.all(open.map((one) => one.close()));
  await shop?.stop();
});

async function ear(): Promise<HookReceiver> {
  const made = await receiver();
  open.push(made);
  return made;
}

/** A call that came to its end, by its order's number. */
async function ended(nth: number) {
  const name = `#8${nth}`;
  await shop.send({ name, phone: number(nth), customer: { first_name: "Zebulina", last_name: "Nguyen" } });
  return await shop.call(name, "ended");
}

const told = async (ear: HookReceiver, id: string, count: number) =>
  await shop.until(
    () => ofCall(ear, id),
    (found) => found.length >= count,
  );

test("a call is told as queued, placed and ended, numbered, with one final event, and both verifiers take each", async () => {
  const to = await ear();
  const hook = await subscribed(shop, to.url);
  const call = await ended(1);
  const heard = await told(to, call.id, 3);
  expect(heard.map(({ type }) => type)).toEqual(["call.queued", "call.placed", "call.ended"]);
  expect(heard.map(({ data }) => [data.sequence, data.final])).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ]);
  expect(heard.map((one) => [one.method, isSigned(one, hook.secret)])).toEqual(heard.map(() => ["POST", true]));
  expect(heard.map((one) => isSigned({ ...one, text: `${one.text} ` }, hook.secret))).toEqual([false, false, false]);
  expect(heard[2]?.data).toMatchObject({
    outcome: "completed",
    status: "ended",
    conversation_uuid: call.conversation_uuid,
  });
  expect(heard[0]?.data).toMatchObject({
    outcome: null,
    placed_at: null,
    conversation_uuid: null,
    order_number: "#81",
  });
});

test("each payload shows what its reader may see, and a condition reveals nothing that is masked", async () => {
  const [full, pii, thin, masked, shown] = [await ear(), await ear(), await ear(), await ear(), await ear()];
  await subscribed(shop, full.url);
  await subscribed(shop, pii.url, { payload: "full_with_pii" });
  await subscribed(shop, thin.url, { payload: "thin" });
  const when = 'data.about.contains("Zebulina")';
  await subscribed(shop, masked.url, { when });
  await subscribed(shop, shown.url, { when, payload: "full_with_pii" });
  const call = await ended(2);
  const [inFull, withPii, inThin] = [
    await told(full, call.id, 3),
    await told(pii, call.id, 3),
    await told(thin, call.id, 3),
  ];
  await told(shown, call.id, 3);
  const hidden = [number(2).slice(2), "Zebulina", "Nguyen"];
  const holds = (texts: readonly { text: string }[]) =>
    hidden.map((one) => texts.some(({ text }) => text.includes(one)));
  expect([holds(inFull), holds(inThin)]).toEqual([
    [false, false, false],
    [false, false, false],
  ]);
  expect(holds(withPii).slice(0, 2)).toEqual([true, true]);
  expect(withPii[0]?.data.number).toBe(number(2));
  expect(Object.keys(inThin[0]?.data ?? {}).sort()).toEqual(["event_id", "final", "id", "sequence", "url"]);
  expect(masked.heard).toEqual([]);
});

test("headers of a hook arrive with each delivery, and are shown nowhere", async () => {
  const to = await ear();
  const hook = await subscribed(shop, to.url, { headers: { "X-Api-Key": "k-0123456789-secret" } });
  const call = await ended(3);
  const heard = await told(to, call.id, 3);
  expect(heard.map(({ headers }) => headers["x-api-key"])).toEqual(Array(3).fill("k-0123456789-secret"));
  const pages = await Promise.all(
    ["", `/${hook.id}`, `/${hook.id}/deliveries`].map(async (path) => (await shop.api(`/v1/hooks${path}`)).text()),
  );
  for (const text of [...pages, shop.worker.logs()]) {
    expect(text).not.toContain("k-0123456789-secret");
    expect(text).not.toContain(hook.secret);
  }
});

describe("a subscription", () => {
  const api = async (path: string, method = "GET") => await shop.api(path, { method });

  test("made twice is one hook with one secret, and removed twice it is gone, by id and by URL", async () => {
    const to = await ear();
    const first = await subscribed(shop, to.url);
    const again = await subscribed(shop, to.url.replace("http:", "HTTP:"));
    expect([again.id, again.secret]).toEqual([first.id, undefined]);
    expect(first.secret).toMatch(/^whsec_/);
    const renewed = await subscribed(shop, to.url, { new_secret: true });
    expect(renewed.secret).toMatch(/^whsec_/);
    const byUrl = `/v1/hooks?target_url=${encodeURIComponent(to.url)}`;
    expect((await api(byUrl, "DELETE")).status).toBe(204);
    expect((await api(byUrl, "DELETE")).status).toBe(204);
    expect((await api(`/v1/hooks/${first.id}`, "DELETE")).status).toBe(204);
    expect((await api(`/v1/hooks/${first.id}`)).status).toBe(404);
  });

  test("whose secret is rotated while calls end has no delivery that neither secret signs", async () => {
    const to = await ear();
    const hook = await subscribed(shop, to.url);
    const secrets = [hook.secret];
    const calls = Array.from({ length: 12 }, (_, nth) => ended(100 + nth));
    for (let rotation = 0; rotation < 3; rotation++) {
      const answer = await shop.api(`/v1/hooks/${hook.id}/rotate`, { method: "POST" });
      secrets.push(((await answer.json()) as { secret: string }).secret);
    }
    for (const { id } of await Promise.all(calls)) await told(to, id, 3);
    for (const one of to.heard) expect(secrets.some((secret) => isSigned(one, secret))).toBe(true);
    const [last] = to.heard.slice(-1);
    if (last === undefined) throw new Error("nothing was heard");
    expect(secrets.map((secret) => isSigned(last, secret))).toEqual([false, false, true, true]);
  });

  test("waits without a token of its name, says so, and goes on in order with a new one", async () => {
    const to = await ear();
    const make = async () => {
      const answer = await shop.api("/v1/tokens", {
        method: "POST",
        json: { name: "zap", scopes: ["hooks:write"], days: 1 },
      });
      return (await answer.json()) as { jti: string; token: string };
    };
    const { jti, token } = await make();
    const hook = await subscribed(shop, to.url, {}, token);
    const revoked = await api(`/v1/tokens/${jti}`, "DELETE");
    expect([revoked.status, await revoked.text()]).toEqual([204, ""]);
    const call = await ended(4);
    const shown = async () => (await (await api(`/v1/hooks/${hook.id}`)).json()) as Record<string, unknown>;
    await shop.until(shown, ({ pending }) => pending === 3);
    expect(await shown()).toMatchObject({ state: "paused", reason: "token_ended" });
    expect(to.heard).toEqual([]);
    await make();
    const heard = await told(to, call.id, 3);
    expect(heard.map(({ data }) => data.sequence)).toEqual([1, 2, 3]);
    expect(await shown()).toMatchObject({ state: "active", reason: null });
  });

  test("is tested with a made-up event that both verifiers take", async () => {
    const to = await ear();
    const hook = await subscribed(shop, to.url);
    expect((await api(`/v1/hooks/${hook.id}/test`, "POST")).status).toBe(202);
    const [heard] = await shop.until(
      () => to.heard,
      (found) => found.length > 0,
    );
    expect(heard?.type).toBe("hook.test");
    expect(heard !== undefined && isSigned(heard, hook.secret)).toBe(true);
  });
});
