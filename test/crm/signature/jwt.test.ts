import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { JwtRecipe } from "../../../src/crm/preset/recipe.ts";
import { makeRequest, nowMs } from "../requests.ts";
import { run, type Verifying } from "./engine-scene.ts";

const secret = "engine-secret";
const now = Math.floor(nowMs / 1_000);
const url = "https://hooks.acme.example/in/monday";
const recipe: JwtRecipe = {
  family: "jwt",
  header: "authorization",
  scheme: null,
  algorithm: "HS256",
  audience: { url: true },
  expiryRequired: true,
  toleranceSeconds: 5,
};
const claims = { aud: url, iat: now, exp: now + 300 };

const part = (json: unknown) => Buffer.from(JSON.stringify(json)).toString("base64url");
const hs = (hash: string, text: string, key = secret) => createHmac(hash, key).update(text).digest("base64url");

/** A token made by hand: its maker shares nothing with the verifier. */
function token(payload: object, header: object = { alg: "HS256", typ: "JWT" }, hash = "sha256", key = secret): string {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${hs(hash, text, key)}`;
}

/** A token of claims that no JSON of a program writes. */
function raw(claimsText: string): string {
  const text = `${part({ alg: "HS256" })}.${Buffer.from(claimsText).toString("base64url")}`;
  return `${text}.${hs("sha256", text)}`;
}

function signedBy(key: KeyObject, alg: string, payload: object): string {
  const text = `${part({ alg, typ: "JWT" })}.${part(payload)}`;
  return `${text}.${sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

const ask = (authorization: string, changed: Partial<JwtRecipe> = {}, more: Verifying & { url?: string | null } = {}) =>
  run(
    { ...recipe, ...changed },
    makeRequest("{}", { authorization }, { url: more.url === undefined ? url : more.url }),
    more,
  );

describe("a token", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const rsaPublic = String(rsa.publicKey.export({ type: "spki", format: "pem" }));
  const right = token(claims);
  const [head = "", body = "", tail = ""] = right.split(".");

  test.each<[string, string, true | string]>([
    ["that is right", right, true],
    ["for several addresses, ours among them", token({ ...claims, aud: ["https://x.example", url] }), true],
    ["that is over within the tolerance", token({ ...claims, exp: now - 4 }), true],
    ["that is over", token({ ...claims, exp: now - 6 }), "token_expired"],
    ["that never is over", token({ aud: url }), "token_malformed"],
    ["whose exp is a text", token({ ...claims, exp: String(now + 300) }), "token_malformed"],
    ["that is right later only", token({ ...claims, nbf: now + 60 }), "timestamp_outside_tolerance"],
    ["for another address", token({ ...claims, aud: `${url}/` }), "audience_wrong"],
    ["for no address", token({ exp: claims.exp }), "audience_wrong"],
    ["by another secret", token(claims, undefined, undefined, "another"), "token_wrong"],
    ["by an empty secret", token(claims, undefined, undefined, ""), "token_wrong"],
    [
      "with another claim under the same signature",
      `${head}.${part({ ...claims, exp: now + 9_999 })}.${tail}`,
      "token_wrong",
    ],
    ["with another header under the same signature", `${part({ alg: "HS256" })}.${body}.${tail}`, "token_wrong"],
    ["without its signature", `${head}.${body}.`, "token_malformed"],
    ["with half of its signature", `${head}.${body}.${tail.slice(0, 20)}`, "token_wrong"],
    ["of two parts", `${head}.${body}`, "token_malformed"],
    ["of five parts", `${right}.${head}.${body}`, "token_malformed"],
    ["with padding", `${head}.${body}.${tail}=`, "token_malformed"],
    ["whose algorithm is none", `${part({ alg: "none" })}.${body}.`, "token_malformed"],
    ["whose algorithm is none, with a signature", `${part({ alg: "none" })}.${body}.${tail}`, "token_wrong"],
    ["whose algorithm is None", `${part({ alg: "None" })}.${body}.${tail}`, "token_wrong"],
    ["by HS512", token(claims, { alg: "HS512" }, "sha512"), "token_wrong"],
    ["by HS384", token(claims, { alg: "HS384" }, "sha384"), "token_wrong"],
    ["that names no algorithm", token(claims, {}), "token_malformed"],
    ["by RS256", signedBy(rsa.privateKey, "RS256", claims), "token_wrong"],
    ["with a critical header that nobody knows", token(claims, { alg: "HS256", crit: ["x"], x: 1 }), "token_malformed"],
    [
      "that brings its own key",
      token(claims, { alg: "HS256", jwk: { kty: "oct", k: "YQ" } }, "sha256", "a"),
      "token_wrong",
    ],
    [
      "that says where its key is",
      token(claims, { alg: "HS256", jku: "https://x.example" }, "sha256", "a"),
      "token_wrong",
    ],
    ["whose claims are a list", token([1]), "token_malformed"],
    ["with every claim of its type", token({ ...claims, iss: "m", sub: "s", jti: "j", nbf: now - 0.5, iat: 0 }), true],
    ...Object.entries({
      jti: [["id"], 1, { id: 1 }, null, true],
      iss: [["monday"], 7, null],
      sub: [["u"], 0, {}],
      iat: [String(now), [now], null],
      nbf: [[now], String(now), false],
      exp: [[now + 300], null, { at: now }],
    }).flatMap(([name, values]) =>
      values.map((value): [string, string, string] => [
        `whose ${name} is ${JSON.stringify(value)}`,
        token({ ...claims, [name]: value }),
        "token_malformed",
      ]),
    ),
    ["for a list that holds what is no text", token({ ...claims, aud: [url, 5] }), "token_malformed"],
    ["for a list within a list", token({ ...claims, aud: [[url]] }), "audience_wrong"],
    ["whose exp is infinite", raw(`{"aud":${JSON.stringify(url)},"exp":1e999}`), "token_malformed"],
    ["with a word before it", `Bearer ${right}`, "token_malformed"],
    ["that came twice", `${right}, ${right}`, "signature_doubled"],
    ["that did not come", "", "signature_missing"],
    ["that is N/A", "N/A", "token_malformed"],
    ["that never ends", "a".repeat(9_000), "token_malformed"],
  ])("%s", async (_what, value, expected) => {
    const result = await ask(value);
    expect(result.ok || result.reason).toBe(expected);
  });

  test("without exp is right only where the scheme says that it may be", async () => {
    expect(await ask(token({ aud: url }), { expiryRequired: false })).toMatchObject({ ok: true });
    const over = token({ aud: url, exp: now - 60 });
    expect(await ask(over, { expiryRequired: false })).toMatchObject({ reason: "token_expired" });
  });

  test("for an address needs one that somebody has said; a text, or none, does not", async () => {
    expect(await ask(right, {}, { url: null })).toMatchObject({ reason: "url_unknown" });
    expect(await ask(right, {}, { url: null, settings: { url } })).toMatchObject({ ok: true });
    expect(await ask(right, { audience: null }, { url: null })).toMatchObject({ ok: true });
    const named = token({ ...claims, aud: "acme" });
    expect(await ask(named, { audience: { text: "acme" } }, { url: null })).toMatchObject({ ok: true });
    expect(await ask(right, { audience: { text: "acme" } })).toMatchObject({ reason: "audience_wrong" });
  });

  test("after a word needs it, in any case", async () => {
    for (const word of ["Bearer", "bearer", "BEARER "])
      expect(await ask(`${word} ${right}`, { scheme: "Bearer" })).toMatchObject({ ok: true });
    for (const value of [right, `Token ${right}`, "Bearer"])
      expect(await ask(value, { scheme: "Bearer" })).toMatchObject({ reason: "signature_missing" });
  });

  test("binds the body where it holds its digest", async () => {
    const digest = (text: string) => createHash("sha256").update(text).digest("hex");
    const bound = { bodyHashClaim: "hash" };
    expect(await ask(token({ ...claims, hash: digest("{}") }), bound)).toMatchObject({ ok: true });
    for (const hash of [digest("{} "), "", 1, undefined, digest("{}").slice(2)])
      expect(await ask(token({ ...claims, hash }), bound)).toMatchObject({ reason: "body_digest_wrong" });
    expect(await ask(right, { bodyHashClaim: "constructor" })).toMatchObject({ reason: "body_digest_wrong" });
  });

  test("of RS256 or ES256 is right by the sender's public key, which is never taken for an HMAC's", async () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const ecPublic = String(ec.publicKey.export({ type: "spki", format: "pem" }));
    const keys = (value: string) => ({ secrets: [{ id: "k", value }] });
    const rs = { algorithm: "RS256" } as const;
    expect(await ask(signedBy(rsa.privateKey, "RS256", claims), rs, keys(rsaPublic))).toMatchObject({ ok: true });
    const es = { algorithm: "ES256" } as const;
    expect(await ask(signedBy(ec.privateKey, "ES256", claims), es, keys(ecPublic))).toMatchObject({ ok: true });
    expect(await ask(signedBy(ec.privateKey, "ES256", claims), rs, keys(rsaPublic))).toMatchObject({
      reason: "token_wrong",
    });
    const confused = token(claims, { alg: "HS256" }, "sha256", rsaPublic);
    expect(await ask(confused, rs, keys(rsaPublic))).toMatchObject({ reason: "token_wrong" });
    const renamed = token(claims, { alg: "RS256" }, "sha256", rsaPublic);
    expect(await ask(renamed, rs, keys(rsaPublic))).toMatchObject({ reason: "token_wrong" });
    expect(await ask(right, rs, keys(secret))).toMatchObject({ reason: "no_secrets" });
  });

  test("is found by the second of two secrets; one that is over is over, whichever made it", async () => {
    const secrets = [
      { id: "new", value: "another" },
      { id: "old", value: secret },
    ];
    expect(await ask(right, {}, { secrets })).toEqual({ ok: true, secretId: "old" });
    expect(await ask(token({ ...claims, exp: now - 60 }), {}, { secrets })).toMatchObject({ reason: "token_expired" });
  });
});
