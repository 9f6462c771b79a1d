/** Signature schemes other than an HMAC of the body, handshakes and answers, through the running Worker. */
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { line, number, openShop, put, type Shop } from "../shop.ts";

const secret = "engine-test-secret-0123456789";
const pair = generateKeyPairSync("ed25519");
const publicKey = String(pair.publicKey.export({ type: "spki", format: "pem" }));

let shop: Shop;
beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 200 } });
  const rule = {
    mode: "live",
    on: ["issue"],
    line,
    number: ["{{ data.phone }}"],
    about: "An issue of {{ data.name }}.",
  };
  const add = async (slug: string, source: object) => {
    await put(shop, `/v1/sources/${slug}`, { country: "US", ...source });
    await put(shop, `/v1/sources/${slug}/rules/call`, rule);
  };
  await add("by-key", { preset: "generic", secrets: [publicKey], settings: { scheme: "ed25519", encoding: "base64" } });
  await add("by-token", {
    preset: "generic",
    secrets: [secret],
    settings: { scheme: "jwt-hs256", jwt_audience: "{url}" },
  });
  await add("by-url", { preset: "generic", secrets: [secret], settings: { template: "{method}{url}{body}" } });
  await add("registered", {
    preset: "generic",
    secrets: [secret],
    settings: { template: "{url}{body}", url: "https://hooks.acme.example/crm" },
  });
  await add("by-query", { preset: "bearer", secrets: [secret], settings: { location: "query", query: "code" } });
  await add("asana", { preset: "asana" });
  await add("woo", { preset: "woocommerce", secrets: [secret] });
});
afterAll(() => shop?.stop());

const bodyOf = (index: number) =>
  JSON.stringify({ id: `i-${index}`, type: "issue", name: "Ada", phone: number(900 + index) });
const hmac = (text: string) => createHmac("sha256", secret).update(text).digest("hex");
const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString("base64url");

function tokenFor(aud: string, exp = Math.floor(Date.now() / 1_000) + 60, key = secret): string {
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ aud, exp })}`;
  return `Bearer ${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

async function post(path: string, body: string, headers: Record<string, string>) {
  const answer = await shop.raw(path, { body, headers: { "content-type": "application/json", ...headers } });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const rings = (index: number) => shop.rings(number(900 + index));

describe("a webhook that is signed", () => {
  test.each<[string, number, (body: string, url: string) => [string, Record<string, string>]]>([
    [
      "by its sender's private key",
      1,
      (body) => [
        "by-key",
        { "x-hookline-signature": sign(null, Buffer.from(body), pair.privateKey).toString("base64") },
      ],
    ],
    [
      "by a token for the source's address",
      2,
      (_, url) => ["by-token", { authorization: tokenFor(`${url}/in/by-token`) }],
    ],
    [
      "with its address and query",
      3,
      (body, url) => ["by-url?a=1&b=%20", { "x-hookline-signature": hmac(`POST${url}/in/by-url?a=1&b=%20${body}`) }],
    ],
    [
      "with its address and the last part of its path",
      4,
      (body, url) => ["by-url/some-key", { "x-hookline-signature": hmac(`POST${url}/in/by-url/some-key${body}`) }],
    ],
    [
      "with the address that its sender was told",
      5,
      (body) => ["registered", { "x-hookline-signature": hmac(`https://hooks.acme.example/crm${body}`) }],
    ],
    ["by nothing, with a secret in its query", 6, () => [`by-query?code=${secret}`, {}]],
  ])("%s rings once", async (_what, index, send) => {
    const body = bodyOf(index);
    const [path, headers] = send(body, shop.url);
    expect(await post(`/in/${path}`, body, headers)).toMatchObject({ status: 202 });
    expect(await post(`/in/${path}`, body, headers)).toMatchObject({ status: 202 });
    await shop.until(
      () => rings(index),
      (found) => found.length === 1,
    );
  });

  test("wrongly is answered with one sentence, whatever is wrong", async () => {
    const body = bodyOf(7);
    const own = `${shop.url}/in/by-url`;
    const forged: [string, Record<string, string>][] = [
      ["by-key", { "x-hookline-signature": sign(null, Buffer.from(`${body} `), pair.privateKey).toString("base64") }],
      ["by-key", { "x-hookline-signature": hmac(body) }],
      ["by-token", { authorization: tokenFor(`${shop.url}/in/by-url`) }],
      ["by-token", { authorization: tokenFor(`${shop.url}/in/by-token`, 1_700_000_000) }],
      ["by-token", { authorization: `Bearer ${part({ alg: "none" })}.${part({ aud: `${shop.url}/in/by-token` })}.` }],
      ["by-token", {}],
      ["by-url", { "x-hookline-signature": hmac(`PUT${own}${body}`) }],
      ["by-url?a=1", { "x-hookline-signature": hmac(`POST${own}${body}`) }],
      // The host in the request's headers is not the signed host.
      [
        "by-url",
        {
          "x-hookline-signature": hmac(`POSThttps://evil.example/in/by-url${body}`),
          "x-forwarded-host": "evil.example",
          "x-forwarded-proto": "https",
        },
      ],
      ["registered", { "x-hookline-signature": hmac(`${shop.url}/in/registered${body}`) }],
      ["by-query?code=wrong", {}],
      [`by-query?code=${secret}&code=${secret}x`, {}],
      ["by-query", { authorization: `Bearer ${secret}` }],
    ];
    const answers = [];
    for (const [path, headers] of forged) answers.push(await post(`/in/${path}`, body, headers));
    expect(answers.map(({ status }) => status)).toEqual(forged.map(() => 401));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(rings(7)).toEqual([]);
  });
});

describe("a sender's handshake", () => {
  test("that hands a secret over is answered once it is kept, and the next webhook is verified with it", async () => {
    const key = "a".repeat(32);
    const offered = await post("/in/asana", "{}", { "x-hook-secret": key });
    expect(offered).toMatchObject({ status: 200, text: "" });
    expect(offered.headers.get("x-hook-secret")).toBe(key);
    expect(offered.headers.get("x-content-type-options")).toBe("nosniff");
    const heartbeat = '{"events":[]}';
    const signature = createHmac("sha256", key).update(heartbeat).digest("hex");
    expect((await post("/in/asana", heartbeat, { "x-hook-signature": signature })).status).toBeLessThan(300);
    expect(await post("/in/asana", heartbeat, { "x-hook-signature": hmac(heartbeat) })).toMatchObject({ status: 401 });
  });

  test("that offers another secret is refused, and the first one still verifies", async () => {
    const refused = await post("/in/asana", "{}", { "x-hook-secret": "b".repeat(32) });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("x-hook-secret")).toBeNull();
    const source = (await (await shop.api("/v1/sources/asana")).json()) as { secrets: unknown[] };
    expect(source.secrets).toHaveLength(1);
  });

  test("without a signature is answered, and makes no event", async () => {
    const ping = await post("/in/woo", "webhook_id=17", { "content-type": "application/x-www-form-urlencoded" });
    expect(ping).toMatchObject({ status: 200, text: "" });
    const events = (await (await shop.api("/v1/events?source=woo")).json()) as { data: unknown[] };
    expect(events.data).toEqual([]);
  });
});
