import { describe, expect, test } from "vitest";
import { readEnvironment } from "../src/environment.ts";

const bytes = "A".repeat(43);
const keySet = JSON.stringify([{ kid: "1", k: bytes }]);
const signing = { kid: "1", kty: "EC", crv: "P-256", x: bytes, y: bytes, d: bytes };
const { d: _private, ...checking } = signing;
const least = {
  HYPERDRIVE: { connectionString: "postgresql://app@db/hookline" },
  MIHU_BASE_URL: "https://acme.mihu.ai/api/v1",
  MIHU_TOKEN: "token",
  TOKEN_KEYS: keySet,
  SESSION_KEYS: keySet,
  SEALING_KEYS: keySet,
  RECEIPT_KEYS: JSON.stringify([signing, { ...checking, kid: "0" }]),
};

describe("the environment", () => {
  test("has a default for everything that has one", () => {
    expect(readEnvironment({ ...least })).toMatchObject({
      ...{ mode: "production", databaseUrl: "postgresql://app@db/hookline", dbRegion: null, defaultCountry: "US" },
      ...{ publicUrl: null, linkHosts: [], tokenKeys: [{ kid: "1", k: bytes }] },
      receiptKeys: [signing, { ...checking, kid: "0" }],
    });
  });

  test("takes an empty optional variable as one that is not set", () => {
    const read = readEnvironment({ ...least, DB_REGION: "", PUBLIC_URL: "", LINK_HOSTS: "", IDLE_CONNECTION: "" });
    expect([read.dbRegion, read.publicUrl, read.linkHosts]).toEqual([null, null, []]);
  });

  test("is read once for the same bindings, and cannot be changed", () => {
    const env = { ...least, PUBLIC_URL: "https://calls.example.com//", LINK_HOSTS: " Crm.example.com,, b.example " };
    const read = readEnvironment(env);
    expect(readEnvironment(env)).toBe(read);
    expect(Object.isFrozen(read)).toBe(true);
    expect([read.publicUrl, read.linkHosts]).toEqual(["https://calls.example.com", ["crm.example.com", "b.example"]]);
  });

  test.each<[string | undefined, number]>([
    [undefined, 15_000],
    ["1s", 1_000],
    ["90s", 90_000],
    ["2m", 120_000],
    ["10m", 600_000],
  ])("keeps a connection for the time that %j says", (text, ms) => {
    expect(readEnvironment({ ...least, IDLE_CONNECTION: text }).idleConnectionMs).toBe(ms);
  });

  const secret = "s3cret-value";
  test.each([
    ["MODE", "Local"],
    ["MODE", ""],
    ["HYPERDRIVE", undefined],
    ["HYPERDRIVE", { connectionString: "" }],
    ["HYPERDRIVE", [secret]],
    ["MIHU_BASE_URL", secret],
    ["MIHU_BASE_URL", "ftp://acme.mihu.ai"],
    ["MIHU_TOKEN", ""],
    ["MIHU_TOKEN", 7],
    ["TOKEN_KEYS", undefined],
    ["TOKEN_KEYS", `${secret}]`],
    ["TOKEN_KEYS", "[]"],
    ["TOKEN_KEYS", "null"],
    ["TOKEN_KEYS", JSON.stringify([{ kid: "", k: bytes }])],
    ["TOKEN_KEYS", JSON.stringify([{ kid: "x".repeat(65), k: bytes }])],
    ["SESSION_KEYS", JSON.stringify([{ kid: "1", k: `${bytes}A` }])],
    ["SESSION_KEYS", JSON.stringify([{ kid: "1", k: bytes, alg: secret }])],
    ["SEALING_KEYS", JSON.stringify([{ kid: "1", k: bytes }, secret])],
    ["RECEIPT_KEYS", JSON.stringify([checking])],
    ["RECEIPT_KEYS", JSON.stringify([{ ...signing, crv: "P-384" }])],
    ["RECEIPT_KEYS", JSON.stringify([{ ...signing, d: secret }])],
    ["RECEIPT_KEYS", `[{"__proto__": {"kid": "1"}}]`],
    ["DB_REGION", "mars"],
    ["DB_REGION", "constructor"],
    ["DEFAULT_COUNTRY", ""],
    ["DEFAULT_COUNTRY", "us"],
    ["DEFAULT_COUNTRY", "USA"],
    ["PUBLIC_URL", "calls.example.com"],
    ["PUBLIC_URL", "https:calls.example.com"],
    ["PUBLIC_URL", "https:/calls.example.com"],
    ["PUBLIC_URL", "https:\\\\calls.example.com"],
    ["PUBLIC_URL", "https:// calls.example.com"],
    ["LINK_HOSTS", 5],
    ["IDLE_CONNECTION", "0s"],
    ["IDLE_CONNECTION", "15"],
    ["IDLE_CONNECTION", "1.5s"],
    ["IDLE_CONNECTION", "-1s"],
    ["IDLE_CONNECTION", "500ms"],
    ["IDLE_CONNECTION", "601s"],
    ["IDLE_CONNECTION", "11m"],
    ["IDLE_CONNECTION", "15s\n15s"],
    ["IDLE_CONNECTION", secret],
    ["IDLE_CONNECTION", 15],
  ])("names %s when it is malformed, and never prints it (%j)", (name, value) => {
    const refused = () => readEnvironment({ ...least, [name]: value });
    expect(refused).toThrow(new RegExp(`^These variables are missing or malformed: ${name} (is missing|must)[^;]*$`));
    expect(refused).not.toThrow(secret);
  });

  const mail = {
    MAIL_API_URL: "https://api.resend.com/emails",
    MAIL_API_KEY: "re_123\n",
    MAIL_FROM: "Hookline <calls@example.com>",
  };
  test("has the API that sends mail, or none", () => {
    const read = readEnvironment({ ...least, ...mail });
    expect(read.mail).toEqual({ url: mail.MAIL_API_URL, key: "re_123", from: mail.MAIL_FROM });
    expect(Object.isFrozen(read.mail)).toBe(true);
    expect(readEnvironment({ ...least, ...mail, MAIL_FROM: "calls@example.com" }).mail?.from).toBe("calls@example.com");
    expect(readEnvironment({ ...least }).mail).toBeNull();
    expect(readEnvironment({ ...least, MAIL_API_URL: "", MAIL_API_KEY: "", MAIL_FROM: "" }).mail).toBeNull();
    const loopback = { ...least, ...mail, MAIL_API_URL: "http://127.0.0.1:1/emails", MODE: "local" };
    expect(readEnvironment(loopback).mail?.url).toBe("http://127.0.0.1:1/emails");
  });

  test.each([
    ["MAIL_API_URL", undefined],
    ["MAIL_API_URL", ""],
    ["MAIL_API_URL", "api.resend.com"],
    ["MAIL_API_URL", "http://api.resend.com/emails"],
    ["MAIL_API_KEY", undefined],
    ["MAIL_API_KEY", " "],
    ["MAIL_API_KEY", `${secret}\r\nX-Other: 1`],
    ["MAIL_API_KEY", [secret]],
    ["MAIL_FROM", undefined],
    ["MAIL_FROM", secret],
    ["MAIL_FROM", `calls@example.com\r\nBcc: ${secret}@example.com`],
    ["MAIL_FROM", `Calls\n <${secret}@example.com>`],
    ["MAIL_FROM", `calls@example.com, ${secret}@example.com`],
    ["MAIL_FROM", `Calls <calls@example.com> <${secret}@example.com>`],
    ["MAIL_FROM", "Calls <calls@localhost>"],
  ])("refuses a part of the mail API that is missing or malformed: %s (%j)", (name, value) => {
    const refused = () => readEnvironment({ ...least, ...mail, [name]: value });
    expect(refused).toThrow(new RegExp(`^These variables are missing or malformed: ${name} (is missing|must)[^;]*$`));
    expect(refused).not.toThrow(secret);
  });

  test("names every variable that is missing, in one error", () => {
    expect(() => readEnvironment({})).toThrow(
      "These variables are missing or malformed: HYPERDRIVE is missing; MIHU_BASE_URL is missing; MIHU_TOKEN is missing; " +
        "TOKEN_KEYS is missing; SESSION_KEYS is missing; SEALING_KEYS is missing; RECEIPT_KEYS is missing",
    );
  });

  test("sends nothing to Mihu without TLS in production", () => {
    const plain = { ...least, MIHU_BASE_URL: "http://127.0.0.1:1/api/v1" };
    expect(() => readEnvironment(plain)).toThrow("MIHU_BASE_URL must be https in production");
    expect(readEnvironment({ ...plain, MODE: "local" }).mode).toBe("local");
  });
});
