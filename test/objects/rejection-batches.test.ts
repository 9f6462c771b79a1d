import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { rejectionsPerSourceMax } from "../../src/domain/limits.ts";
import { isFailedSignature } from "../../src/flows/ingest/failed-signature.ts";
import { rejectionBatches } from "../../src/objects/rejection-batches.ts";
import type { NotSent, Rejection } from "../../src/ports/ingest/rejections.ts";

function rejection(code = "signature_wrong", bodyBytes = 0): Rejection {
  const kept = { method: "POST", url: null, headers: {}, body: new Uint8Array(bodyBytes), presented: null };
  const whole = { ...kept, bodyKept: "whole" as const };
  return {
    id: randomUUID(),
    at: 0,
    code,
    detail: "",
    headers: [],
    bodyBytes,
    ...(bodyBytes > 0 ? { kept: whole } : {}),
  };
}

/** An isolate whose clock a test moves; a pause ends when its time has come. */
function stage() {
  const world = { now: 1_000_000, sent: [] as { slug: string; count: number; notSent: NotSent }[], bytes: 0, waits: 0 };
  const pauses: { at: number; end: () => void }[] = [];
  const { add, hasRoom } = rejectionBatches({
    now: () => world.now,
    pause: (ms) => {
      world.waits++;
      return new Promise((end) => pauses.push({ at: world.now + ms, end }));
    },
    async send(slug, rejections, notSent) {
      world.bytes = rejections.reduce((sum, { kept }) => sum + (kept?.body?.byteLength ?? 0), 0);
      world.sent.push({ slug, count: rejections.length, notSent });
    },
  });
  const pass = async (ms: number) => {
    world.now += ms;
    for (const { end } of pauses.filter(({ at }) => at <= world.now)) end();
    await new Promise((done) => setImmediate(done));
  };
  return { world, pass, add, hasRoom };
}

const none = { refused: 0, failedSignatures: 0 };

test("the first rejection goes at once, those of the next second as one batch at its end", async () => {
  const { world, pass, add } = stage();
  await add("shop", rejection());
  expect(world.sent).toEqual([{ slug: "shop", count: 1, notSent: none }]);
  for (let nth = 0; nth < 20; nth++) void add("shop", rejection());
  await pass(999);
  expect(world.sent).toHaveLength(1);
  await pass(1);
  expect(world.sent.slice(1)).toEqual([{ slug: "shop", count: 20, notSent: none }]);
  expect(world.waits).toBe(1);
});

test("a flood is one batch a second and source, bounded, and what is not sent is counted by its kind", async () => {
  const { world, pass, add } = stage();
  for (let second = 0; second < 5; second++) {
    for (let nth = 0; nth < 1_000; nth++)
      for (const slug of ["shop", "zap"]) void add(slug, rejection(nth % 10 === 9 ? "not_json" : "signature_wrong"));
    await pass(1_000);
  }
  expect(world.sent.length).toBeLessThanOrEqual(12);
  expect(Math.max(...world.sent.map(({ count }) => count))).toBe(rejectionsPerSourceMax);
  const ofShop = world.sent.filter(({ slug }) => slug === "shop");
  const total = ofShop.reduce((sum, { count, notSent }) => sum + count + notSent.refused, 0);
  expect(total).toBe(5_000);
  const { refused, failedSignatures } = ofShop[1]?.notSent ?? none;
  expect(failedSignatures / refused).toBeCloseTo(0.9, 1);
});

test("bodies of a batch have a bound in bytes", async () => {
  const { world, pass, add } = stage();
  await add("shop", rejection());
  for (let nth = 0; nth < 10; nth++) void add("shop", rejection("signature_wrong", 1_000_000));
  await pass(1_000);
  expect(world.sent[1]).toEqual({ slug: "shop", count: 10, notSent: none });
  expect(world.bytes).toBe(4_000_000);
});

test("a source has room until its batch is full, and again when that was sent", async () => {
  const { pass, add, hasRoom } = stage();
  await add("shop", rejection());
  const rooms: boolean[] = [];
  for (let nth = 0; nth <= rejectionsPerSourceMax; nth++) {
    rooms.push(hasRoom("shop"));
    void add("shop", rejection());
  }
  expect(rooms.indexOf(false)).toBe(rejectionsPerSourceMax);
  expect([hasRoom("shop"), hasRoom("zap")]).toEqual([false, true]);
  await pass(1_000);
  expect(hasRoom("shop")).toBe(true);
});

test("a batch whose request is gone is sent by the next refused request", async () => {
  const { world, pass, add } = stage();
  await add("shop", rejection());
  void add("shop", rejection());
  // The pause never ends: its request was cancelled.
  world.now += 10_000;
  await add("shop", rejection());
  expect(world.sent.slice(1)).toEqual([{ slug: "shop", count: 2, notSent: none }]);
  await pass(0);
  expect(world.sent.reduce((sum, { count }) => sum + count, 0)).toBe(3);
});

test.each([
  ["signature_missing", true],
  ["signature_wrong", true],
  ["timestamp_outside_tolerance", true],
  ["secret_wrong", true],
  ["token_expired", true],
  ["tenant_mismatch", true],
  ["body_digest_wrong", true],
  ["public_secret", true],
  ["not_json", false],
  ["too_deep", false],
  ["empty", false],
  ["method_not_allowed", false],
  ["handshake_refused", false],
])("a refusal by %s is a failed signature: %s", (code, is) => {
  expect(isFailedSignature(code)).toBe(is);
});
