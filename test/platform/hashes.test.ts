import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { eventId, randomId, sha256Hex } from "../../src/platform/hashes.ts";

describe("an event's id", () => {
  it("is the same for a redelivery, wherever and whenever it is computed", async () => {
    expect(await eventId("shop", "evt-1")).toBe(await eventId("shop", "evt-1"));
  });

  it("is SHA-256 over source and key as a UUID of version 8 and variant 10", async () => {
    const digest = createHash("sha256").update("4:shopévt-☎").digest();
    digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
    digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
    const id = await eventId("shop", "évt-☎");
    expect(id.replaceAll("-", "")).toBe(digest.subarray(0, 16).toString("hex"));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it.each([
    ["a moved border", ["ab", "c"], ["a", "bc"]],
    ["a border that looks like a length", ["a", "1:b"], ["a1:", "b"]],
    ["an empty key", ["a", ""], ["", "a"]],
    ["another source", ["shop", "evt-1"], ["crm", "evt-1"]],
    ["another case", ["shop", "evt-1"], ["shop", "EVT-1"]],
  ] as const)("differs for %s", async (_, [source, key], [otherSource, otherKey]) => {
    expect(await eventId(source, key)).not.toBe(await eventId(otherSource, otherKey));
  });
});

describe("SHA-256", () => {
  // FIPS 180-4's own examples.
  it.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ])("of %j is the standard's", async (text, hex) => {
    expect(await sha256Hex(text)).toBe(hex);
  });
});

describe("a fresh id", () => {
  it("is a random UUID, another each time", () => {
    const ids = Array.from({ length: 100 }, () => randomId());
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
