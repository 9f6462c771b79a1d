import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  rejectionBodiesBytesMax,
  rejectionBodiesWindowMs,
  rejectionsPerSourceMax,
} from "../../../src/domain/limits.ts";
import { rejectionBuffer } from "../../../src/objects/inbox/rejection-buffer.ts";
import type { RefusedMinute, Rejection } from "../../../src/ports/ingest/rejections.ts";

const rejectionBodyBytesMax = 262_144;
const rejectionWriteMs = 1_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function stage(isAway: () => boolean = () => false) {
  const writes: Rejection[][] = [];
  const counted: RefusedMinute[] = [];
  const { add: refuse, count } = rejectionBuffer({
    clock: { now: () => Date.now() },
    log: silent,
    rejections: {
      async write(_, batch, minutes) {
        if (isAway()) throw new Error("away");
        writes.push(batch);
        counted.push(...minutes);
      },
    },
  });
  return { writes, counted, refuse, count };
}

function rejection(bodyBytes = 10): Rejection {
  const kept = {
    method: "POST",
    url: null,
    headers: {},
    body: new Uint8Array(bodyBytes),
    bodyKept: "whole",
    presented: null,
  } as const;
  return { id: randomUUID(), at: Date.now(), code: "signature_wrong", detail: "", headers: [], bodyBytes, kept };
}

const bytesOf = (batch: readonly Rejection[]) =>
  batch.reduce((sum, { kept }) => sum + (kept?.body?.byteLength ?? 0), 0);

describe("a flood of refused requests", () => {
  test("is one write a second at the most, of no more than are kept", async () => {
    const { writes, refuse } = stage();
    for (let n = 0; n < 1_000; n++) refuse("shop", rejection());
    await vi.advanceTimersByTimeAsync(rejectionWriteMs);
    expect(writes.map(({ length }) => length)).toEqual([rejectionsPerSourceMax]);
    for (let n = 0; n < 5_000; n++) {
      refuse("shop", rejection());
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(writes.length).toBeLessThanOrEqual(6);
    expect(Math.max(...writes.map(({ length }) => length))).toBe(rejectionsPerSourceMax);
  });

  test("of large bodies is kept without them, once they are some megabytes in a minute", async () => {
    const { writes, refuse } = stage();
    for (let n = 0; n < 40; n++) refuse("shop", rejection(rejectionBodyBytesMax));
    await vi.advanceTimersByTimeAsync(rejectionWriteMs);
    for (let n = 0; n < 40; n++) refuse("shop", rejection(rejectionBodyBytesMax));
    await vi.advanceTimersByTimeAsync(rejectionWriteMs);
    expect(writes.map(bytesOf)).toEqual([rejectionBodiesBytesMax, 0]);
    expect(writes[1]?.every(({ kept }) => kept?.bodyKept === "no_room" && kept.body === null)).toBe(true);
    await vi.advanceTimersByTimeAsync(rejectionBodiesWindowMs);
    refuse("shop", rejection(rejectionBodyBytesMax));
    await vi.advanceTimersByTimeAsync(rejectionWriteMs);
    expect(bytesOf(writes.at(-1) ?? [])).toBe(rejectionBodyBytesMax);
  });

  test("holds no more than that while Postgres is away, and is written when it is back", async () => {
    let away = true;
    const { writes, refuse } = stage(() => away);
    for (let minute = 0; minute < 3; minute++) {
      for (let n = 0; n < 20; n++) refuse("shop", rejection(rejectionBodyBytesMax));
      await vi.advanceTimersByTimeAsync(rejectionBodiesWindowMs);
    }
    away = false;
    await vi.advanceTimersByTimeAsync(rejectionBodiesWindowMs);
    expect(writes).toHaveLength(1);
    expect(writes[0]).toHaveLength(rejectionsPerSourceMax);
    expect(bytesOf(writes[0] ?? [])).toBeLessThanOrEqual(rejectionBodiesBytesMax);
  });

  test("of a Worker of an older version, which keeps nothing, is written as it is", async () => {
    const { writes, refuse } = stage();
    const { kept: _, ...old } = rejection();
    refuse("shop", old);
    await vi.advanceTimersByTimeAsync(rejectionWriteMs);
    expect(writes).toEqual([[old]]);
  });
});

describe("the numbers of refused requests", () => {
  test("have all of a flood, those that are not stored and those that were not sent, by the minute", async () => {
    const { counted, refuse, count } = stage();
    for (let n = 0; n < 80; n++) refuse("shop", rejection());
    refuse("shop", { ...rejection(), code: "not_json" });
    count("shop", { refused: 1_000, failedSignatures: 900 });
    count("shop", { refused: 0, failedSignatures: 0 });
    await vi.advanceTimersByTimeAsync(rejectionWriteMs);
    expect(counted).toEqual([{ at: 960_000, refused: 1_081, failedSignatures: 980, notStored: 1_031 }]);
  });

  test("are written later, and none of them twice, when Postgres was down", async () => {
    let away = true;
    const { counted, refuse } = stage(() => away);
    refuse("shop", rejection());
    await vi.advanceTimersByTimeAsync(rejectionWriteMs);
    away = false;
    await vi.advanceTimersByTimeAsync(60_000);
    refuse("shop", rejection());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(counted.map(({ at, refused }) => [at, refused])).toEqual([
      [960_000, 1],
      [1_020_000, 1],
    ]);
  });
});
