import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type CallContent, contentText } from "../../../src/domain/audit/call-content.ts";
import { commitment, randomText } from "../../../src/platform/hashes.ts";

const content: CallContent = {
  number: "+14155550100",
  about: 'She said "no".\n',
  prompt: null,
  promptOverwrite: false,
  greeting: "Hello 👋",
};

describe("what a call says", () => {
  it("is written in one way, which anybody can repeat", () => {
    expect(contentText(content)).toBe(
      '{"about":"She said \\"no\\".\\n","greeting":"Hello 👋","number":"+14155550100","prompt":null,"prompt_overwrite":false}',
    );
  });

  it.each<[keyof CallContent, Partial<CallContent>]>([
    ["number", { number: "+14155550101" }],
    ["about", { about: "" }],
    ["prompt", { prompt: "null" }],
    ["promptOverwrite", { promptOverwrite: true }],
    ["greeting", { greeting: null }],
  ])("is committed to with its %s", (_, deviation) => {
    expect(contentText({ ...content, ...deviation })).not.toBe(contentText(content));
  });

  it("is committed to by an HMAC under the salt's text, and by another under another salt", () => {
    const salt = randomText();
    const expected = createHmac("sha256", Buffer.from(salt)).update(contentText(content)).digest("hex");
    expect(commitment(salt, contentText(content))).toBe(expected);
    expect(commitment(randomText(), contentText(content))).not.toBe(expected);
  });

  it("has a salt of 32 random bytes, each time another", () => {
    const salts = Array.from({ length: 100 }, randomText);
    expect(new Set(salts).size).toBe(100);
    for (const salt of salts) expect(Buffer.from(salt, "base64url")).toHaveLength(32);
  });
});
