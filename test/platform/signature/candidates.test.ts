import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { utf8 } from "../../../src/platform/bytes.ts";
import { findSigner } from "../../../src/platform/signature/candidates.ts";
import { hmacProver } from "../../../src/platform/signature/hmac.ts";

const prove = hmacProver({ algorithm: "sha256", key: "hex" });
const macOf = (key: string, text: string) =>
  Uint8Array.from(createHmac("sha256", Buffer.from(key, "hex")).update(text).digest());
const [old, fresh, unreadable, empty] = [
  { id: "old", value: "aa" },
  { id: "fresh", value: "bb" },
  { id: "unreadable", value: "no hex" },
  { id: "empty", value: "" },
];
const texts = ["a", "b"].map((text) => () => utf8(text));
const wrong = macOf("cc", "a");

test.each<[string, (typeof old)[], Uint8Array[], string]>([
  ["the first secret", [old, fresh], [macOf("aa", "a")], "old"],
  ["a later secret", [old, fresh], [macOf("bb", "a")], "fresh"],
  ["a secret after one that cannot be read", [unreadable, fresh], [macOf("bb", "a")], "fresh"],
  ["a later spelling of the text", [old], [macOf("aa", "b")], "old"],
  ["a later signature of the list", [old], [wrong, macOf("aa", "a")], "old"],
])("A signature is found by %s.", async (_what, secrets, signatures, id) => {
  expect(await findSigner(prove, { secrets, texts, signatures })).toEqual(secrets.find((secret) => secret.id === id));
});

test.each<[string, (typeof old)[], string]>([
  ["a readable secret made none of them", [old, unreadable], "wrong"],
  ["no secret can be read", [unreadable], "no_key"],
  ["the only secret is empty", [empty], "no_key"],
  ["there is no secret", [], "no_key"],
])("If %s, no signer is found, and the answer says which.", async (_what, secrets, answer) => {
  expect(await findSigner(prove, { secrets, texts, signatures: [wrong] })).toBe(answer);
});
