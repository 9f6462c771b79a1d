import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type ChainEntry,
  canonicalEntry,
  digestOf,
  genesis,
  linkEntries,
  linkHash,
} from "../../../src/domain/audit/chain.ts";
import { walkPiece } from "../../../src/flows/audit/verify-receipt.ts";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

const entry = (deviation: Partial<ChainEntry> = {}): ChainEntry => ({
  id: 7,
  at: "2026-01-02T03:04:05.678901Z",
  tx: "1234",
  subject: "call",
  subjectId: "0198c0de-0000-7000-8000-000000000000",
  action: "placed",
  actor: "line:support-en",
  reason: null,
  data: '{"mihu_id": "ü\\"1"}',
  ...deviation,
});

describe("the chain's form, which may never change: what was signed must verify for good", () => {
  it("begins at the hash of its name", () => {
    expect(genesis).toEqual({ position: 0, hash: sha256("hookline audit chain v1") });
  });

  it("writes an entry as one JSON array, its data as a hash", () => {
    const { data, ...open } = entry();
    expect(canonicalEntry({ ...open, dataHash: sha256(data) })).toBe(
      `[7,"2026-01-02T03:04:05.678901Z","1234","call","0198c0de-0000-7000-8000-000000000000","placed","line:support-en",null,"${sha256(data)}"]`,
    );
  });

  it("hashes to the same as ever", () => {
    expect(digestOf(entry(), sha256)).toBe("e740f8e3c67994869d672d6b801917ed00354bcba1584fb0d8b959a495bf6215");
    expect(linkEntries(genesis, [entry(), entry({ id: 8 })], sha256).map(({ hash }) => hash)).toEqual([
      "c3473df59879cb022f8bfaef46f5cca774c5db70a6cf79f51809199686e65df9",
      "9b53a6c001dd77bdb348c662c476e60e89e41a63a1dee3bda770b4de24b44881",
    ]);
  });

  it.each<[keyof ChainEntry, Partial<ChainEntry>]>([
    ["id", { id: 8 }],
    ["at", { at: "2026-01-02T03:04:05.678902Z" }],
    ["tx", { tx: "1235" }],
    ["subject", { subject: "event" }],
    ["subjectId", { subjectId: "1" }],
    ["action", { action: "ended" }],
    ["actor", { actor: "plan" }],
    ["reason", { reason: "null" }],
    ["data", { data: '{"mihu_id": "ü"}' }],
  ])("tells a change of %s", (_, deviation) => {
    expect(digestOf(entry(deviation), sha256)).not.toBe(digestOf(entry(), sha256));
  });

  it("takes no field's end for the beginning of the next", () => {
    const one = entry({ action: 'a","b', actor: "c" });
    const other = entry({ action: "a", actor: 'b","c' });
    expect(digestOf(one, sha256)).not.toBe(digestOf(other, sha256));
  });
});

describe("a piece of the chain", () => {
  const { data, ...open } = entry();
  const mine = { ...open, dataHash: sha256(data) };
  const others = [entry({ id: 8 }), entry({ id: 9 })].map((one) => digestOf(one, sha256));
  const head = linkEntries(genesis, [entry(), entry({ id: 8 }), entry({ id: 9 })], sha256).at(-1)?.hash;

  it("leads to its head over digests alone, and says where its entries stand", async () => {
    const walked = await walkPiece({ previous: genesis.hash, from: 1, head: "", entries: [mine, ...others] }, sha256);
    expect(walked).toEqual({ end: { position: 3, hash: head }, entries: [{ ...mine, position: 1 }] });
    const within = {
      previous: linkHash(genesis.hash, digestOf(entry(), sha256), sha256),
      from: 2,
      head: "",
      entries: others,
    };
    expect((await walkPiece(within, sha256))?.end).toEqual({ position: 3, hash: head });
  });

  it("with data that was not hashed is none", async () => {
    expect(
      await walkPiece({ previous: genesis.hash, from: 1, head: "", entries: [{ ...mine, data }] }, sha256),
    ).not.toBeNull();
    expect(
      await walkPiece({ previous: genesis.hash, from: 1, head: "", entries: [{ ...mine, data: "{}" }] }, sha256),
    ).toBeNull();
  });
});
