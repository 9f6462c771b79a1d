import { describe, expect, test } from "vitest";
import { type SecretOrigin, weakSecret } from "../../../src/domain/config/secret-strength.ts";

const carried: SecretOrigin = {
  use: "carried",
  madeBy: "you",
  isPair: false,
  setting: null,
  preset: "freshdesk",
  source: "night-orders",
};
const weak = (text: string, origin: Partial<SecretOrigin> = {}) => weakSecret(text, { ...carried, ...origin });

describe("a secret that is yours to choose", () => {
  test.each([
    ["one character", "x", "of 1 character and not of 16 or more"],
    ["fifteen of them", "q7Wz3Rk9Lm2Xv8T", "of 15 characters"],
    ["fifteen that white space makes longer", "  q7Wz3Rk9Lm2Xv8T \n", "of 15 characters"],
    ["fifteen that invisible characters make longer", "q7Wz3Rk9\u200b\u200b\u200dLm2Xv8T", "of 15 characters"],
    ["eight that are sixteen units of UTF-16", "😀😁😂🤣😃😄😅😆", "of 8 characters"],
    ["what everybody tries first", "changeme", "of 8 characters"],
    ["the preset's own name", "freshdesk", "of 9 characters"],
    ["one character sixteen times", "a".repeat(16), "short text that is repeated"],
    ["one character but for the last", `${"a".repeat(30)}b`, "short text that is repeated"],
    ["three characters in some order", "abcabacbacbcabca", "short text that is repeated"],
    ["a word twice", "passwortpasswort", "short text that is repeated"],
    ["a number three times", "123456123456123456", "short text that is repeated"],
    ["words of an example", "my-webhook-secret-here", "stand in every example"],
    [
      "words of an example with a number",
      "Change_Me.Please-".replace("Please-", "Secret.Token_1"),
      "stand in every example",
    ],
    ["the preset's name among them", "freshdesk-webhook-secret", "stand in every example"],
    ["the source's name among them", "night-orders-secret", "stand in every example"],
    ["a row of keys", "1234567890qwertyuiop", "rows of keys"],
    ["a variable that nobody filled in", "$WEBHOOK_SIGNING_KEY", "the name or the place of a secret"],
    ["a short text repeated, the last time in part", "sesame-sesame-sesame-ses", "short text that is repeated"],
  ])("is refused if it is %s", (_, text, fault) => {
    const found = weak(text);
    expect(found?.refused).toBe(true);
    expect(found?.reason).toContain(fault);
    expect(found?.reason).toContain("openssl rand -hex 24");
    if (text.length > 1) expect(found?.reason).not.toContain(text.trim());
  });

  test.each([
    ["sixteen characters", "q7Wz3Rk9Lm2Xv8Tn"],
    ["sixteen hexadecimal digits", "5d41402abc4b2a76"],
    ["sixteen decimal digits", "4929103850112784"],
    ["what openssl makes", "3f1c9a7be20d4586917fd0c2ab5e6843c1d2e0f9a8b7c6d5"],
    ["a UUID", "6ba7b810-9dad-41d1-80b4-00c04fd430c8"],
    ["base64 with padding", "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="],
    ["a sentence", "correct horse battery staple"],
    ["a sentence of another alphabet", "секретное слово из четырёх"],
    ["sixteen ideographs", "天地玄黃宇宙洪荒日月盈昃辰宿列張"],
    ["one own word among those of examples", "my-secret-webhook-token-of-acme"],
    ["a long number among those of examples", "webhook-secret-482139077265"],
    ["a text of sixteen characters twice", "5d41402abc4b2a765d41402abc4b2a76"],
  ])("is taken if it is %s", (_, text) => {
    expect(weak(text)).toBeNull();
    expect(weak(text, { use: "key" })).toBeNull();
  });

  test("is to be made with as many characters as the sender's form takes", () => {
    expect(weak("x", { charactersMax: 40 })?.reason).toContain("openssl rand -hex 20");
    expect(weak("x", { charactersMax: 255 })?.reason).toContain("openssl rand -hex 24");
  });

  test("is counted without the user of a user:password, which is no secret", () => {
    expect(weak("the-user-of-this-webhook:pw", { isPair: true })?.reason).toContain("password of 2 characters");
    expect(weak("u:5d41402abc4b2a76", { isPair: true })).toBeNull();
    expect(weak("5d41402abc4b2a76", { isPair: true })).toBeNull();
    expect(weak("the-visitor-of-this-webhook:pw")).toBeNull();
  });

  test("says who may guess it, and the way out where its sender made it after all", () => {
    expect(weak("x")?.reason).toContain("anybody may try at the door");
    expect(weak("x", { use: "key" })?.reason).toContain("whoever sees one signed request may try");
    expect(weak("x", { setting: "settings.secret_by" })?.reason).toContain("settings.secret_by: sender");
    expect(weak("x")?.reason).not.toContain("settings.secret_by");
  });
});

test.each(["x", "abcabcabcabcabcabc", "my-webhook"])(
  "a secret that its sender makes is taken with a warning, however weak it is: %s",
  (text) => {
    const found = weak(text, { madeBy: "sender", use: "key" });
    expect(found?.refused).toBe(false);
    expect(found?.reason).toContain("because the sender made it");
  },
);

test("a public key is no secret, and an empty secret is another mistake", () => {
  expect(weakSecret("x", null)).toBeNull();
  expect(weak("")).toBeNull();
  expect(weak(" \n")).toBeNull();
});
