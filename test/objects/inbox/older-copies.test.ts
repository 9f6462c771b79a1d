import { describe, expect, it } from "vitest";
import { olderCopies } from "../../../src/objects/inbox/older-copies.ts";

/** An object's disk, and instances of it at a time. */
function stage({ copy }: { copy: boolean }) {
  const kv = new Map<string, unknown>();
  const disk = {
    get: <T>(key: string) => kv.get(key) as T | undefined,
    put: (key: string, value: unknown) => void kv.set(key, value),
    delete: (key: string) => kv.delete(key),
  };
  const clock = { at: 1_000_000, now: () => clock.at };
  return { kv, clock, start: () => olderCopies(clock, disk, () => copy) };
}

describe("copies that Workers of an earlier version have", () => {
  it("are none while every Worker asks as this version does", () => {
    const { clock, start } = stage({ copy: false });
    const copies = start();
    copies.stored();
    expect(copies.leftMs()).toBeNull();
    clock.at += 60_000;
    expect(start().leftMs()).toBeNull();
  });

  it("are known until they have expired, whatever instance gave them", () => {
    const { clock, start } = stage({ copy: false });
    const copies = start();
    copies.stored();
    copies.given();
    clock.at += 20_000;
    expect(copies.leftMs()).toBe(11_000);
    expect(start().leftMs()).toBe(11_000);
    copies.given();
    clock.at += 30_999;
    expect(start().leftMs()).toBe(1);
    clock.at += 1;
    expect(start().leftMs()).toBeNull();
  });

  it("may have been given by the object itself, before it was of this version", () => {
    const { clock, start } = stage({ copy: true });
    expect(start().leftMs()).toBe(31_000);
    clock.at += 31_000;
    // Not again by the next instance.
    expect(start().leftMs()).toBeNull();
  });

  it("cost at most one write a second, and none where the source does not exist", () => {
    const { kv, clock, start } = stage({ copy: false });
    const copies = start();
    expect(kv.size).toBe(0);
    copies.stored();
    copies.given();
    const first = kv.get("olderCopyAt");
    clock.at += 999;
    copies.given();
    expect(kv.get("olderCopyAt")).toBe(first);
    // The time on the disk is late by less than the second that is added.
    expect(copies.leftMs()).toBeGreaterThan(30_000);
  });
});
