import { describe, expect, test } from "vitest";
import { secretMistake, secretText } from "../../../src/domain/config/secret-text.ts";

const spki = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=";

describe("a secret", () => {
  test.each([
    ["as echo writes it", "abc\n", "abc"],
    ["as an editor of Windows writes it", "\ufeffabc\r\n", "abc"],
    ["as it was copied", " \tabc ", "abc"],
    ["with a blank within, which may be meant", "a b", "a b"],
    ["of a pair", "user:pass\n", "user:pass"],
  ])("%s is stored without what stands around it", (_what, given, stored) => {
    expect([secretMistake(given), secretText(given)]).toEqual([null, stored]);
  });

  test.each([
    ["a PEM", `-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`],
    ["a key in lines", `${spki.slice(0, 32)}\n${spki.slice(32)}`],
  ])("may have lines: %s", (_what, given) => {
    expect(secretMistake(given)).toBeNull();
  });

  test.each([
    ["two secrets", "first-secret\nsecond-secret"],
    ["what openssl rand -base64 64 writes", `${"x".repeat(64)}\n${"y".repeat(22)}==\n`],
    ["a carriage return within", "abc\rdef"],
    ["white space alone", " \n"],
  ])("is refused with what to write: %s", (_what, given) => {
    expect(secretMistake(given)).toMatch(/write it in one line|as the sender shows it/);
    expect(secretMistake(given)).not.toContain(given.trim() || "never");
  });
});
