import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadKeySets, makeKeySets } from "../../cli/install/keys.ts";
import { main } from "../../cli/main.ts";

const dir = mkdtempSync(join(tmpdir(), "hookline-keys-"));
afterAll(() => rmSync(dir, { recursive: true }));

async function rotate(args: string[], keys?: string) {
  const [out, said]: [string[], string[]] = [[], []];
  const io = {
    env: keys === undefined ? {} : { RECEIPT_KEYS: keys },
    out: (text: string) => void out.push(text),
    say: (text: string) => void said.push(text),
  };
  const code = await main(["bootstrap", "--print-only", ...args], io);
  return { code, out: out.join("\n"), said: said.join("\n") };
}

describe("the keys of heads and receipts", () => {
  it("are rotated by a new one in front; the others go on verifying and lose what they sign with", async () => {
    const { RECEIPT_KEYS: before } = makeKeySets();
    const { code, out } = await rotate(["--rotate", "receipts"], JSON.stringify(before));
    const after = JSON.parse(out.replace("RECEIPT_KEYS=", ""));
    const { d, ...open } = before[0] ?? {};
    expect([code, after.length, typeof d]).toEqual([0, 2, "string"]);
    expect(after[0].d).toMatch(/^[\w-]{43}$/);
    expect(after[0].kid).not.toBe(before[0]?.kid);
    expect(after[1]).toEqual(open);
  });

  it.each<[string, string[], string | undefined, RegExp]>([
    ["without the set that is in use", ["--rotate", "receipts"], undefined, /RECEIPT_KEYS is not set/],
    [
      "with a set that cannot be read",
      ["--rotate", "receipts"],
      '[{"kid":"a","k":"b"}]',
      /RECEIPT_KEYS is not readable/,
    ],
    ["of another set", ["--rotate", "tokens"], "[]", /only --rotate receipts/],
  ])("are not rotated %s, and nothing of them is said", async (_, args, keys, sentence) => {
    const { code, out, said } = await rotate(args, keys);
    expect([code > 0, out]).toEqual([true, ""]);
    expect(said).toMatch(sentence);
    expect(said).not.toContain('"k"');
  });

  it("are made beside those that an older version has kept, which stay as they are", () => {
    const { RECEIPT_KEYS: _, ...older } = makeKeySets();
    const path = join(dir, "keys.json");
    writeFileSync(path, JSON.stringify(older));
    const loaded = loadKeySets(dir);
    expect(loaded).toMatchObject(older);
    expect(loaded.RECEIPT_KEYS[0]?.d).toBeDefined();
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(loaded);
    expect(loadKeySets(dir)).toEqual(loaded);
  });
});
