/** Refused webhooks through the running Worker: why, mended, accepted after all; and a flood of them. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acmeSource, number, openShop, put, type Shop, secret, source } from "../shop.ts";

const wrong = "shpss_a-secret-that-somebody-mistyped";

let shop: Shop;
let owner: postgres.Sql;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 200 }, source: { ...acmeSource, secrets: [wrong] } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
});

type Told = {
  id: string;
  code: string;
  advice: string;
  kept: boolean;
  verifies_now: boolean;
  accepted_at: string | null;
};
const rejections = async (): Promise<Told[]> => {
  const { data } = (await (await shop.api(`/v1/sources/${source}/rejections`)).json()) as { data: Told[] };
  return data;
};
const acceptAll = async () =>
  (await (
    await shop.api(`/v1/sources/${source}/rejections/accept`, { method: "POST", json: { all: true, reason: "mended" } })
  ).json()) as {
    accepted: number;
    data: { id: string; result: string; events?: { id: string }[] }[];
  };

describe("a webhook that was refused for a wrong secret", () => {
  test("is explained, and rings once when the secret is mended and it is accepted, however often that is done", async () => {
    const sent = await shop.send({ name: "#7001", phone: number(7_001) });
    expect(sent.status).toBe(401);
    const [before] = await shop.until(rejections, (found) => found.length === 1);
    expect(before).toMatchObject({
      code: "signature_wrong",
      kept: true,
      verifies_now: false,
      advice: expect.stringContaining("secret is probably a different one"),
    });
    expect(await acceptAll()).toMatchObject({ accepted: 0, data: [{ result: "refused" }] });

    await put(shop, `/v1/sources/${source}`, { ...acmeSource, secrets: [secret] });
    expect(await rejections()).toMatchObject([{ kept: true, verifies_now: true }]);
    const [first, second] = await Promise.all([acceptAll(), acceptAll()]);
    expect([first.accepted, second.accepted].some((count) => count === 1)).toBe(true);
    await shop.call("#7001", "placed");
    expect(await acceptAll()).toMatchObject({ accepted: 0, data: [{ result: "accepted_before" }] });
    // Its sender comes again as well.
    const event = first.data[0]?.events?.[0]?.id ?? second.data[0]?.events?.[0]?.id;
    await shop.send({ name: "#7002", phone: number(7_002) });
    await shop.call("#7002", "placed");
    expect(shop.rings(number(7_001))).toHaveLength(1);
    expect(
      await owner`select count(*)::int as n from entries where subject = 'rejection' and data->'events' ? ${event ?? ""}`,
    ).toEqual([{ n: 1 }]);
  });

  test("shows neither secret nor body in an answer, and neither secret in the table or the log", async () => {
    const text = JSON.stringify([
      await rejections(),
      await owner`select to_jsonb(r) as row from rejections r`,
      shop.worker.logs(),
    ]);
    for (const value of [secret, wrong]) expect(text).not.toContain(value);
    expect(JSON.stringify(await rejections())).not.toContain(number(7_001));
  });
});

describe("a flood of refused webhooks", () => {
  test("leaves no more than are kept, and what is right continues ringing", async () => {
    const body = JSON.stringify({ note: "x".repeat(20_000) });
    const headers = {
      "content-type": "application/json",
      "x-shopify-hmac-sha256": "c2lnbmF0dXJl".padEnd(43, "A").concat("="),
    };
    for (let round = 0; round < 20; round++)
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const answer = await shop.raw(`/in/${source}`, { body, headers });
          expect([401, 503]).toContain(answer.status);
          await answer.body?.cancel();
        }),
      );
    const [kept] = await shop.until(
      () =>
        owner<
          { n: number; bytes: number }[]
        >`select count(*)::int as n, coalesce(sum(length(body)), 0)::int as bytes from rejections where source = ${source}`,
      ([row]) => row?.n === 50,
    );
    expect(kept?.bytes).toBeLessThanOrEqual(4_194_304);
    await shop.send({ name: "#7003", phone: number(7_003) });
    await shop.call("#7003", "placed");
    const begun = performance.now();
    expect((await rejections()).length).toBe(50);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

describe("a pasted request", () => {
  test("is explained by the running Worker", async () => {
    const answer = await shop.api(`/v1/sources/${source}/verify`, {
      method: "POST",
      json: { url: `${shop.url}/in/${source}`, headers: { "X-Shopify-Hmac-Sha256": "AAAA" }, body: "{}" },
    });
    expect(await answer.json()).toMatchObject({
      ok: false,
      reason: "signature_malformed",
      scheme: "shopify-hmac-sha256",
      advice: expect.any(String),
    });
  });
});
