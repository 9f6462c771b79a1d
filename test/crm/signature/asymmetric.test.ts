import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { AsymmetricRecipe } from "../../../src/crm/preset/recipe.ts";
import { rawEcdsa } from "../../../src/crm/signature/ecdsa-der.ts";
import { makeRequest } from "../requests.ts";
import { presetOf, run } from "./engine-scene.ts";

const pairs = {
  ed25519: generateKeyPairSync("ed25519"),
  "rsa-pkcs1-sha256": generateKeyPairSync("rsa", { modulusLength: 2_048 }),
  "ecdsa-p256-sha256": generateKeyPairSync("ec", { namedCurve: "P-256" }),
};
type Algorithm = keyof typeof pairs;
const algorithms: Algorithm[] = ["ed25519", "rsa-pkcs1-sha256", "ecdsa-p256-sha256"];

const spki = (key: KeyObject) => key.export({ type: "spki", format: "der" }).toString("base64");
const pem = (key: KeyObject) => String(key.export({ type: "spki", format: "pem" }));
/** The last 32 bytes of an Ed25519 key's DER are the key itself. */
const raw = (key: KeyObject) => key.export({ type: "spki", format: "der" }).subarray(-32);

function signatureOf(algorithm: Algorithm, text: string, key = pairs[algorithm].privateKey): Buffer {
  return sign(algorithm === "ed25519" ? null : "sha256", Buffer.from(text), key);
}

const recipeOf = (algorithm: Algorithm, more: Partial<AsymmetricRecipe> = {}): AsymmetricRecipe => ({
  family: "asymmetric",
  algorithm,
  key: "spki",
  digest: "base64",
  template: "{body}",
  header: "x-sig",
  ...more,
});

const secretsOf = (...values: string[]) => values.map((value, i) => ({ id: `k${i}`, value }));

describe.each(algorithms)("%s, signed by node:crypto", (algorithm) => {
  const recipe = recipeOf(algorithm);
  const { publicKey } = pairs[algorithm];
  const right = signatureOf(algorithm, "{}").toString("base64");
  const ask = (sig: string, value = spki(publicKey), body = "{}") =>
    run(recipe, makeRequest(body, { "x-sig": sig }), { secrets: secretsOf(value) });

  test("is right with the key as base64, as a PEM, and as a PEM whose line breaks were lost", async () => {
    const asPem = pem(publicKey);
    for (const value of [
      spki(publicKey),
      asPem,
      asPem.replaceAll("\n", ""),
      asPem.replaceAll("\n", "\\n"),
      asPem.trim(),
    ])
      expect(await ask(right, value)).toEqual({ ok: true, secretId: "k0" });
  });

  test("is right in hex where the scheme writes hex, and over whatever the template says", async () => {
    const hex = recipeOf(algorithm, {
      digest: "hex",
      template: "{timestamp}{body}",
      timestamp: { from: { header: "x-time" }, format: "ms", toleranceSeconds: 300 },
    });
    const at = "1793631850000";
    const sig = signatureOf(algorithm, `${at}{}`).toString("hex");
    const request = makeRequest("{}", { "x-sig": sig, "x-time": at });
    expect(await run(hex, request, { secrets: secretsOf(spki(publicKey)) })).toMatchObject({ ok: true });
    const later = { ...request, headers: { ...request.headers, "x-time": "1793631850001" } };
    expect(await run(hex, later, { secrets: secretsOf(spki(publicKey)) })).toMatchObject({ reason: "signature_wrong" });
  });

  test("is refused over another body, with another key, and with any bit turned", async () => {
    expect(await ask(right, spki(publicKey), "{} ")).toMatchObject({ reason: "signature_wrong" });
    const other = otherPair(algorithm).publicKey;
    expect(await ask(right, spki(other))).toMatchObject({ reason: "signature_wrong" });
    const bytes = Buffer.from(right, "base64");
    for (const at of [0, 5, 31, 40, bytes.length - 1]) {
      const bent = Buffer.from(bytes);
      bent[at] = (bent[at] ?? 0) ^ 1;
      expect((await ask(bent.toString("base64"))).ok).toBe(false);
    }
    for (const text of ["", "N/A", "AAAA", right.slice(4), `${right}AAAA`, Buffer.alloc(64).toString("base64")])
      expect((await ask(text)).ok).toBe(false);
  });

  test("is found by the second of two keys, so that a sender can rotate", async () => {
    const keys = secretsOf(spki(otherPair(algorithm).publicKey), spki(publicKey));
    const request = makeRequest("{}", { "x-sig": right });
    expect(await run(recipe, request, { secrets: keys })).toEqual({ ok: true, secretId: "k1" });
  });

  test("has no key in what is none, or is one of another kind", async () => {
    const others = algorithms.filter((other) => other !== algorithm).map((other) => spki(pairs[other].publicKey));
    for (const value of ["x", "AAAA", "engine-secret", spki(publicKey).slice(0, -8), ...others])
      expect(await ask(right, value)).toMatchObject({ reason: "no_secrets" });
  });

  test("is never right by an HMAC with the public key, which anybody can make", async () => {
    const { createHmac } = await import("node:crypto");
    const made = createHmac("sha256", spki(publicKey)).update("{}").digest();
    for (const sig of [made, Buffer.concat([made, made])]) expect((await ask(sig.toString("base64"))).ok).toBe(false);
  });
});

test("an Ed25519 key may be its 32 bytes, in hex, base64 or as Standard Webhooks writes it", async () => {
  const { publicKey } = pairs.ed25519;
  const sig = signatureOf("ed25519", "{}").toString("base64");
  const ask = (key: AsymmetricRecipe["key"], value: string) =>
    run(recipeOf("ed25519", { key }), makeRequest("{}", { "x-sig": sig }), { secrets: secretsOf(value) });
  expect(await ask("raw", raw(publicKey).toString("hex"))).toMatchObject({ ok: true });
  expect(await ask("raw", raw(publicKey).toString("base64"))).toMatchObject({ ok: true });
  expect(await ask("whpk", `whpk_${raw(publicKey).toString("base64")}`)).toMatchObject({ ok: true });
  expect(await ask("whpk", raw(publicKey).toString("base64"))).toMatchObject({ ok: true });
  expect(await ask("whpk", `whsk_${raw(publicKey).toString("base64")}`)).toMatchObject({ reason: "no_secrets" });
  expect(await ask("raw", spki(publicKey))).toMatchObject({ reason: "no_secrets" });
});

test("an RSA key that is too short to be trusted is no key", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  const sig = signatureOf("rsa-pkcs1-sha256", "{}", privateKey).toString("base64");
  const padded = Buffer.concat([Buffer.alloc(128), Buffer.from(sig, "base64")]).toString("base64");
  const secrets = secretsOf(spki(publicKey));
  const ask = (value: string) => run(recipeOf("rsa-pkcs1-sha256"), makeRequest("{}", { "x-sig": value }), { secrets });
  expect(await ask(padded)).toMatchObject({ reason: "no_secrets" });
  expect(await ask(sig)).toMatchObject({ reason: "signature_malformed" });
});

test("a mixed list is right by the version that the recipe knows, whatever stands beside it", async () => {
  const recipe = recipeOf("ed25519", { list: { item: " ", pair: ",", signature: "v1a" } });
  const secrets = secretsOf(spki(pairs.ed25519.publicKey));
  const sig = signatureOf("ed25519", "{}").toString("base64");
  const ask = (value: string) => run(recipe, makeRequest("{}", { "x-sig": value }), { secrets });
  expect(await ask(`v1,AAAA v1a,${sig} v2,x`)).toMatchObject({ ok: true });
  expect(await ask(`v1,${sig}`)).toMatchObject({ reason: "signature_malformed" });
});

describe("a key that the sender has published for everybody", () => {
  const recipe = recipeOf("ed25519", { publishedKey: spki(pairs.ed25519.publicKey) });
  const body = '{"account":"a"}';
  const request = makeRequest(body, { "x-sig": signatureOf("ed25519", body).toString("base64") });
  const place = { place: { path: "account" }, ignoreCase: false } as const;
  test("needs no secret, and a tenant that is compared", async () => {
    const preset = presetOf(recipe, { tenant: { ...place, mandatory: true } });
    const ask = (tenant: string | null) => run(recipe, request, { preset, tenant, secrets: [] });
    expect(await ask("a")).toEqual({ ok: true, secretId: "published" });
    expect(await ask("b")).toMatchObject({ reason: "tenant_mismatch" });
    expect(await ask(null)).toMatchObject({ reason: "tenant_missing" });
    expect(await ask("")).toMatchObject({ reason: "tenant_missing" });
  });

  test("is right for nobody where the scheme forgets to say that the tenant is mandatory", async () => {
    const preset = presetOf(recipe, { tenant: { ...place, mandatory: false } });
    expect(await run(recipe, request, { preset, secrets: [] })).toMatchObject({ reason: "tenant_missing" });
  });

  test("cannot be replaced by a secret of the source", async () => {
    const preset = presetOf(recipe, { tenant: { ...place, mandatory: true } });
    const { publicKey, privateKey } = otherPair("ed25519");
    const forged = makeRequest(body, { "x-sig": signatureOf("ed25519", body, privateKey).toString("base64") });
    expect(await run(recipe, forged, { preset, tenant: "a", secrets: secretsOf(spki(publicKey)) })).toMatchObject({
      reason: "signature_wrong",
    });
  });
});

describe("the DER of an ECDSA signature", () => {
  const hexOf = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString("hex"));
  const der = (text: string) => rawEcdsa(Buffer.from(text.replaceAll(" ", ""), "hex"));
  const full = "ff".repeat(32);
  test.each([
    ["30 06 0201 01 0201 02", `${"00".repeat(31)}01${"00".repeat(31)}02`],
    [`30 46 0221 00${full} 0221 00${full}`, full + full],
    ["30 08 0202 0080 0202 00ff", `${"00".repeat(31)}80${"00".repeat(31)}ff`],
  ])("%s is its two numbers", (text, raw64) => {
    expect(hexOf(der(text))).toBe(raw64);
  });

  test.each([
    ["nothing", ""],
    ["no sequence", "31 06 0201 01 0201 02"],
    ["a length of its own", "30 81 06 0201 01 0201 02"],
    ["more after it", "30 06 0201 01 0201 02 00"],
    ["less than it says", "30 07 0201 01 0201 02"],
    ["more within it", "30 08 0201 01 0201 02 0500"],
    ["one number", "30 03 0201 01"],
    ["no integer", "30 06 0401 01 0201 02"],
    ["a zero", "30 06 0201 00 0201 02"],
    ["a negative number", "30 06 0201 80 0201 02"],
    ["a zero too many", "30 07 0202 0001 0201 02"],
    ["an empty number", "30 05 0200 0201 02"],
    ["a number of 33 bytes", `30 26 0221 01${full} 0201 01`],
    ["a number that continues", "30 06 0201 01 0205 02"],
  ])("with %s is refused", (_what, text) => {
    expect(der(text)).toBeNull();
  });

  test("of two hundred signatures of node:crypto is read, every one", async () => {
    const request = makeRequest("{}", {});
    const secrets = secretsOf(spki(pairs["ecdsa-p256-sha256"].publicKey));
    for (let i = 0; i < 200; i++) {
      const sig = signatureOf("ecdsa-p256-sha256", "{}").toString("base64");
      const result = await run(recipeOf("ecdsa-p256-sha256"), { ...request, headers: { "x-sig": sig } }, { secrets });
      expect(result.ok).toBe(true);
    }
  });
});

function otherPair(algorithm: Algorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === "ed25519") return generateKeyPairSync("ed25519");
  if (algorithm === "ecdsa-p256-sha256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return generateKeyPairSync("rsa", { modulusLength: 2_048 });
}
