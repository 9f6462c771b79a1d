import { base64url, CompactEncrypt } from "jose";
import { expect, test } from "vitest";
import { createSealer } from "../../src/platform/seal.ts";

const key = (kid: string, fill: number) => ({ kid, k: base64url.encode(new Uint8Array(32).fill(fill)) });
const old = key("k1", 1);
const fresh = key("k2", 2);
const text = "shpss_ü \u{1F512}";

const headerOf = (jwe: string) => JSON.parse(new TextDecoder().decode(base64url.decode(jwe.split(".")[0] ?? "")));

test("What was sealed is opened again, and says which key sealed it.", async () => {
  const sealer = createSealer([old]);
  const sealed = await sealer.seal(text);
  expect(headerOf(sealed)).toEqual({ alg: "dir", enc: "A256GCM", kid: "k1" });
  expect(await sealer.open(sealed)).toEqual({ ok: true, text });
  expect(sealer.kid).toBe("k1");
});

test("The same text is never sealed to the same words.", async () => {
  const sealer = createSealer([old]);
  expect(await sealer.seal(text)).not.toBe(await sealer.seal(text));
});

test("After a rotation the first key seals and the earlier one still opens.", async () => {
  const before = await createSealer([old]).seal(text);
  const sealer = createSealer([fresh, old]);
  expect(headerOf(await sealer.seal(text)).kid).toBe("k2");
  expect(await sealer.open(before)).toEqual({ ok: true, text });
});

test("A key that is gone is named.", async () => {
  const sealed = await createSealer([old]).seal(text);
  expect(await createSealer([fresh]).open(sealed)).toEqual({ ok: false, reason: "unknown_key", kid: "k1" });
});

const sealedBy = (header: object, bytes: Uint8Array) =>
  new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: "k1", ...header })
    .encrypt(bytes);

test.each<[string, (sealed: string) => string | Promise<string>]>([
  ["nothing", () => ""],
  ["plain text", () => "hello"],
  [
    "a changed text",
    (sealed) => sealed.replace(/\.([\w-])([^.]*)\.([^.]*)$/, (_all, a, b, c) => `.${a === "A" ? "B" : "A"}${b}.${c}`),
  ],
  ["a cut text", (sealed) => sealed.slice(0, -4)],
  ["another key under our id", () => sealedBy({}, new Uint8Array(32).fill(9))],
  ["a weaker algorithm", () => sealedBy({ enc: "A128GCM" }, new Uint8Array(16).fill(1))],
  ["no key id", (sealed) => `${base64url.encode('{"alg":"dir","enc":"A256GCM"}')}${sealed.slice(sealed.indexOf("."))}`],
  [
    "a key id that is none",
    (sealed) => `${base64url.encode('{"alg":"dir","enc":"A256GCM","kid":"a b"}')}${sealed.slice(sealed.indexOf("."))}`,
  ],
])("%s is unreadable, and does not throw.", async (_what, change) => {
  const sealer = createSealer([old]);
  const jwe = await change(await sealer.seal(text));
  expect(await sealer.open(jwe)).toEqual({ ok: false, reason: "unreadable" });
});

test("A fingerprint is equal for equal texts, survives a new key, and is another under another last key.", async () => {
  const before = await createSealer([old]).fingerprint(text);
  expect(before).toMatch(/^[\da-f]{64}$/);
  expect(await createSealer([fresh, old]).fingerprint(text)).toBe(before);
  expect(await createSealer([old]).fingerprint(`${text}.`)).not.toBe(before);
  expect(await createSealer([fresh]).fingerprint(text)).not.toBe(before);
});

test("A fingerprint is HMAC-SHA256 under HKDF-SHA256 of the last key.", async () => {
  const { createHmac, hkdfSync } = await import("node:crypto");
  const derived = Buffer.from(hkdfSync("sha256", new Uint8Array(32).fill(1), "", "hookline fingerprint v1", 32));
  const wanted = createHmac("sha256", derived).update(text).digest("hex");
  expect(await createSealer([fresh, old]).fingerprint(text)).toBe(wanted);
});

test.each<[string, { kid: string; k: string }[]]>([
  ["no key", []],
  ["a key without id", [{ ...old, kid: "" }]],
  ["an id that is no id", [{ ...old, kid: "a b" }]],
  ["two keys of one id", [old, { ...fresh, kid: "k1" }]],
  ["a short key", [{ kid: "k1", k: "hushhush" }]],
  ["a key in other letters", [{ kid: "k1", k: `${"hush".repeat(10)}+/=` }]],
])("%s is refused at once, without repeating a key.", (_what, keys) => {
  expect(() => createSealer(keys)).toThrow(/key/);
  expect(() => createSealer(keys)).not.toThrow(/hush|AQEB|AgIC/);
});
