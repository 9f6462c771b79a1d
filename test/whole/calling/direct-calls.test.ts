import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Stack, startStack } from "../../../dev/stack/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ cluster: inject("cluster") });
  const line = {
    agent: "32d8fc98-be1e-4d32-a12e-146f397fb1cb2",
    calls_per_minute: 600,
    calls_at_once: 100,
    countries: ["US"],
  };
  expect((await stack.api("/v1/lines/direct", { method: "PUT", json: line })).status).toBe(201);
});
afterAll(() => stack?.stop());

const wanted = {
  line: "direct",
  number: "+1 415 555 0142",
  about: "Ada asked to be called about order #4711.",
  prompt: { text: "You are Michael.", overwrite: true },
  greeting: "Hello Ada.",
  order_number: "#4711",
  record: { type: "order", id: "1" },
};

async function post(json: unknown, key?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  const answer = await stack.api("/v1/calls", { method: "POST", json, headers });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** Issues a token with a unique name. */
async function tokenOf(name: string): Promise<string> {
  const json = { name, scopes: ["calls:read", "calls:write", "pii:read"], days: 1 };
  return JSON.parse(await (await stack.api("/v1/tokens", { method: "POST", json })).text()).token;
}

async function get(path: string) {
  return JSON.parse(await (await stack.api(path)).text());
}

describe("POST /v1/calls", () => {
  test("takes a key for its holder's own: another holder's same key is another call, a rotated token's is the same", async () => {
    const as = async (token: string, json: object) => {
      const headers = { authorization: `Bearer ${token}`, "idempotency-key": "shared" };
      const answer = await stack.api("/v1/calls", { method: "POST", json, headers });
      return { status: answer.status, body: JSON.parse(await answer.text()) };
    };
    const [zap, make, rotated] = [await tokenOf("zap"), await tokenOf("make"), await tokenOf("zap")];
    const first = await as(zap, { ...wanted, number: "+14155550151" });
    const others = await as(make, { ...wanted, number: "+14155550152", about: "Somebody else's." });
    expect([others.status, others.body.about]).toEqual([202, "Somebody else's."]);
    expect(others.body.id).not.toBe(first.body.id);
    const again = await as(rotated, { ...wanted, number: "+14155550151" });
    expect(again.body.id).toBe(first.body.id);
  });

  test("places the call with what was sent, and the same key answers with the same call and rings once", async () => {
    const first = await post(wanted, "zap-1");
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({
      source: "api",
      line: "direct",
      number: "+14155550142",
      about: wanted.about,
      order_number: "#4711",
    });
    const again = await post(wanted, "zap-1");
    expect([again.status, again.body.id]).toEqual([202, first.body.id]);
    expect((await post({ ...wanted, about: "Something else." }, "zap-1")).body.code).toBe("idempotency_conflict");
    await expect
      .poll(async () => (await get(`/v1/calls/${first.body.id}`)).conversation_uuid, {
        timeout: 10_000,
      })
      .toBeTruthy();
    const rings = stack.simulator.rings().filter(({ number }: { number: string }) => number === "+14155550142");
    expect(rings).toHaveLength(1);
    expect(rings[0]).toMatchObject({ about: wanted.about, greeting: "Hello Ada." });
  });

  test("is held if it repeats a call, and rings again with `again` and a reason, which only readers of texts see", async () => {
    const number = "+14155550161";
    const first = await post({ ...wanted, number }, "loop-1");
    expect([first.status, first.body.reason]).toEqual([202, null]);
    const seen = await post({ ...wanted, number, dry_run: true });
    expect(seen.body.call).toMatchObject({ status: "held", reason: "looks_like_a_loop" });
    const second = await post({ ...wanted, number, about: "Again." }, "loop-2");
    expect([second.status, second.body.status, second.body.reason]).toEqual([202, "held", "looks_like_a_loop"]);
    expect(second.body.detail).toEqual({ event_id: first.body.event_id });
    // A redelivery is the same call.
    expect((await post({ ...wanted, number }, "loop-1")).body).toMatchObject({ id: first.body.id, again_reason: null });
    const meant = await post({ ...wanted, number, again: true, reason: "She asked at 415 555 0161." }, "loop-3");
    expect([meant.body.reason, meant.body.again_reason]).toEqual([null, expect.stringContaining("She asked")]);
    expect(meant.body.again_reason).not.toContain("0161");
    const blind = JSON.parse(
      await (
        await stack.api("/v1/tokens", { method: "POST", json: { name: "blind", scopes: ["calls:read"], days: 1 } })
      ).text(),
    );
    const headers = { authorization: `Bearer ${blind.token}` };
    const masked = await (await stack.api(`/v1/calls/${meant.body.id}`, { headers })).text();
    expect(masked).not.toContain("She asked");
    expect(JSON.parse(masked).timeline).toContainEqual(
      expect.objectContaining({ gate: "loop", verdict: "pass", inputs: expect.objectContaining({ again: true }) }),
    );
  });

  test("of many requests at once for one number and order one rings and every other waits for a person", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post({ ...wanted, number: "+14155550162", order_number: "#at-once" })),
    );
    const reasons = answers.map(({ body }) => String(body.reason)).sort();
    expect(reasons).toEqual([...Array(7).fill("looks_like_a_loop"), "null"]);
  });

  test("a dry run shows the call and makes none", async () => {
    const { status, body } = await post({ ...wanted, number: "+14155550143", dry_run: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ dry_run: true, call: { status: "queued", number: "+14155550143" } });
    const found = await (await stack.api("/v1/calls?number=%2B14155550143")).json();
    expect(found).toMatchObject({ data: [], next_cursor: null });
  });

  test.each([
    ["a country that the line may not ring", { number: "+18765550142" }, "country_not_allowed"],
    ["a premium number", { number: "+19005550142" }, "number_refused"],
    ["an emergency number", { number: "911" }, "number_refused"],
    ["no number at all", { number: "call me" }, "no_number"],
    ["a line that does not exist", { line: "nobody" }, "line_missing"],
  ])("%s is skipped with its reason", async (_, deviation, reason) => {
    const { status, body } = await post({ ...wanted, ...deviation });
    expect([status, body.status, body.reason]).toEqual([202, "skipped", reason]);
    expect(body.reason_text).toBeTruthy();
  });

  test.each([
    ["an unknown field", { abuot: "x" }],
    ["no text", { about: "" }],
    ["a time that is none", { due_at: "tomorrow" }],
    ["the year 9999", { due_at: "9999-12-31T23:59:59Z" }],
    ["the year 0", { due_at: "0000-01-01T00:00:00Z" }],
    ["a time in two years", { due_at: new Date(Date.now() + 730 * 86_400_000).toISOString() }],
    [
      "a time 367 days ahead, in a trial",
      { due_at: new Date(Date.now() + 367 * 86_400_000).toISOString(), dry_run: true },
    ],
    ["a duration that is none", { expires: "4 hours" }],
    ["a word for true", { again: "yes" }],
  ])("%s is refused by its path", async (_, deviation) => {
    const { status, body } = await post({ ...wanted, ...deviation });
    expect([status, body.code]).toEqual([422, "invalid"]);
    expect(body.errors).toMatchObject([{ path: [Object.keys(deviation)[0]] }]);
  });

  test.each([
    ["`again` without a reason", { again: true }],
    ["`again` with an empty reason", { again: true, reason: "" }],
    ["`again` with a reason that Postgres cannot store", { again: true, reason: "x\u0000" }],
    ["a reason without `again`", { reason: "She asked." }],
    ["a reason with `again: false`", { again: false, reason: "She asked." }],
  ])("%s is refused at `reason`", async (_, deviation) => {
    const { status, body } = await post({ ...wanted, ...deviation });
    expect([status, body.code, body.errors]).toMatchObject([422, "invalid", [{ path: ["reason"] }]]);
  });

  test("a revoked token is refused everywhere within its half minute, here at once", async () => {
    const made = JSON.parse(
      await (
        await stack.api("/v1/tokens", { method: "POST", json: { name: "t", scopes: ["calls:read"], days: 1 } })
      ).text(),
    );
    const headers = { authorization: `Bearer ${made.token}` };
    expect((await stack.api("/v1/me", { headers })).status).toBe(200);
    expect((await stack.api(`/v1/tokens/${made.jti}`, { method: "DELETE" })).status).toBe(204);
    expect((await stack.api("/v1/me", { headers })).status).toBe(401);
  });
});
