import { describe, expect, test } from "vitest";
import type { SignatureRecipe, Templated } from "../../../src/crm/preset/recipe.ts";
import { verifyBySecrets, verifySignature } from "../../../src/crm/signature/verify.ts";
import type { WebhookRequest } from "../../../src/domain/events/webhook.ts";
import type { DigestEncoding, HashAlgorithm, KeyEncoding } from "../../../src/platform/signature/encodings.ts";
import { makeRequest } from "../requests.ts";
import vectors from "../signature-vectors.json" with { type: "json" };
import { testWhere } from "../where.ts";
import { presetOf } from "./engine-scene.ts";

type Vector = (typeof vectors)[number];

/** The request as it was published, and the source that it is for. */
function published(vector: Vector) {
  const request: WebhookRequest = {
    ...makeRequest(vector.body, headersOf(vector)),
    method: vector.method,
    url: vector.url ?? null,
  };
  return {
    preset: presetOf(recipeOf(vector)),
    settings: {},
    tenant: null,
    secrets: [{ id: "v", value: vector.secret }],
    request,
    nowMs: timeOf(vector),
  };
}

test("every published vector goes through the engine", () => {
  expect(vectors.length).toBeGreaterThan(20);
});

describe.each(vectors)("$scheme ($provider)", (vector) => {
  const base = published(vector);
  const { request, nowMs } = base;
  const proof = vector.recipe.signatureHeader.toLowerCase();
  const ask = (changed: Partial<WebhookRequest>) => verifyBySecrets({ ...base, request: { ...request, ...changed } });

  test("the published signature is right at its own time", async () => {
    expect(await verifyBySecrets(base)).toEqual({ ok: true, secretId: "v" });
  });

  test("with another secret or signature it is refused", async () => {
    // Another key, whatever its encoding: a digit changed where every encoding reads one.
    const value = vector.secret.replace(/[0-9](?=[^0-9]*$)/, (digit) => (digit === "1" ? "2" : "1"));
    const others = [{ id: "v", value: value === vector.secret ? `${value}x` : value }];
    expect(await verifyBySecrets({ ...base, secrets: others })).toMatchObject({
      reason: expect.stringMatching(/^(signature|token)_wrong$/),
    });
    for (const bent of bentOf(vector))
      expect(await ask({ headers: { ...request.headers, [proof]: bent } })).toMatchObject({ ok: false });
    const { [proof]: _gone, ...without } = request.headers;
    expect(await ask({ headers: without })).toMatchObject({ reason: "signature_missing" });
  });

  testWhere(vector.recipe.family !== "jwt-hs256")("any other byte of what it covers is refused", async () => {
    const { template } = vector.recipe;
    if (template === "{url}") {
      expect(await ask({ body: bytes(`${vector.body} `) })).toMatchObject({ reason: "body_digest_wrong" });
    } else {
      for (const body of [`${vector.body} `, ` ${vector.body}`, vector.body.replace(/[a-z1](?=[^a-z1]*$)/, "z")])
        if (body !== vector.body) expect(await ask({ body: bytes(body) })).toMatchObject({ reason: "signature_wrong" });
    }
    if (template.includes("{method}"))
      expect(await ask({ method: "PUT" })).toMatchObject({ reason: "signature_wrong" });
    if (template.includes("{url}")) {
      expect(await ask({ url: null })).toMatchObject({ reason: "url_unknown" });
      for (const url of othersOf(vector.url ?? ""))
        expect(await ask({ url })).toMatchObject({ reason: expect.stringMatching(/^(signature|body_digest)_wrong$/) });
    }
    for (const header of [vector.recipe.timestampHeader, vector.recipe.idHeader]) {
      if (header === undefined) continue;
      const name = header.toLowerCase();
      const later = (request.headers[name] ?? "").replace(/.$/, (last) => (last === "1" ? "2" : "1"));
      expect(await ask({ headers: { ...request.headers, [name]: later } })).toMatchObject({
        reason: "signature_wrong",
      });
      const { [name]: _gone, ...without } = request.headers;
      expect(await ask({ headers: without })).toMatchObject({ ok: false });
    }
  });

  testWhere(vector.recipe.template.includes("{timestamp}"))("is refused six minutes later or earlier", async () => {
    for (const off of [-300_001, 300_001, -360_000, 360_000])
      expect(await verifyBySecrets({ ...base, nowMs: nowMs + off })).toMatchObject({
        reason: "timestamp_outside_tolerance",
      });
    for (const off of [-300_000, 300_000])
      expect(await verifyBySecrets({ ...base, nowMs: nowMs + off })).toMatchObject({ ok: true });
  });
});

test("a published key signs like any other, and the door does not accept it", async () => {
  const vector = vectors.find(({ provider }) => provider === "zendesk");
  if (vector === undefined) throw new Error("no zendesk");
  const base = published(vector);
  expect(await verifySignature(base)).toMatchObject({ reason: "public_secret" });
  expect(await verifyBySecrets(base)).toMatchObject({ ok: true });
  // Beside another secret it counts no more than any stranger's.
  const secrets = [{ id: "own", value: "another" }, ...base.secrets];
  expect(await verifySignature({ ...base, secrets })).toMatchObject({ reason: "signature_wrong" });
});

/** A preset that is nothing but the vector's recipe. */
function recipeOf(vector: Vector): SignatureRecipe {
  const { recipe } = vector;
  const header = recipe.signatureHeader.toLowerCase();
  if (recipe.family === "jwt-hs256")
    return {
      family: "jwt",
      header,
      scheme: null,
      algorithm: "HS256",
      audience: null,
      expiryRequired: false,
      toleranceSeconds: 0,
    };
  const part = recipe.list?.timestampPart;
  const timestampHeader = recipe.timestampHeader?.toLowerCase();
  const from = part !== undefined ? { part } : timestampHeader !== undefined ? { header: timestampHeader } : null;
  const digest = recipe.bodyDigest;
  const templated: Templated = {
    digest: oneOf<DigestEncoding>(recipe.encoding, ["hex", "base64"]),
    template: recipe.template.replace("+sorted(name+value)", "{form}"),
    header,
    ...(recipe.prefix === undefined ? {} : { prefix: recipe.prefix }),
    ...(recipe.list === undefined
      ? {}
      : { list: { item: recipe.list.item, pair: recipe.list.kv, signature: recipe.list.signaturePart } }),
    ...(from === null ? {} : { timestamp: { from, format: "s-or-ms" as const, toleranceSeconds: 300 } }),
    ...(recipe.idHeader === undefined ? {} : { idHeader: recipe.idHeader.toLowerCase() }),
    ...(vector.provider === "twilio" ? { url: { ports: true as const } } : {}),
    ...(digest === undefined
      ? {}
      : { bodyDigest: { parameter: digest.queryParam, algorithm: "sha256" as const, encoding: "hex" as const } }),
  };
  const algorithm = oneOf<HashAlgorithm>(recipe.algorithm, ["sha1", "sha256", "sha512"]);
  if (recipe.family === "hash") return { ...templated, family: "hash", algorithm };
  const key = oneOf<KeyEncoding>(recipe.key, ["utf8", "base64", "hex", "whsec"]);
  return { ...templated, family: "hmac", algorithm, key };
}

/** The signature with one of its characters changed, at each of a few places, and shorter and longer; of a list, every item's. */
function bentOf(vector: Vector): string[] {
  const signature = headersOf(vector)[vector.recipe.signatureHeader] ?? "";
  const every = signature.replaceAll(/[0-9]/g, (digit) => (digit === "7" ? "8" : "7"));
  if (vector.recipe.list !== undefined) return [every];
  const middle = Math.floor(signature.length / 2);
  const bent = [signature.length - 4, middle, middle + 3].map((at) => {
    const other = signature.charAt(at) === "a" ? "b" : "a";
    return signature.slice(0, at) + other + signature.slice(at + 1);
  });
  return [...bent, signature.slice(0, -1), `${signature}A`, every];
}

function othersOf(url: string): string[] {
  const http = url.replace(/^https:/, "http:");
  return [http, `${url}/`, `${url}?`, `${url}&a=b`, url.replace(/^(\w+:\/\/)/, "$1x"), url.slice(0, -1)];
}

function headersOf(vector: Vector): Record<string, string> {
  return Object.fromEntries(
    Object.entries(vector.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The vector's own time in milliseconds; 0 where its signature has none. */
function timeOf(vector: Vector): number {
  const headers = headersOf(vector);
  const inHeader = headers[vector.recipe.timestampHeader ?? ""];
  if (inHeader !== undefined) return Number(inHeader) * (vector.provider === "hubspot" ? 1 : 1_000);
  const inList = /\b(?:t|ts)=(\d+)/.exec(headers[vector.recipe.signatureHeader] ?? "");
  return Number(inList?.[1] ?? 0) * 1_000;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function oneOf<Choice extends string>(value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`a vector says ${value}`);
  return found;
}
