import { describe, expect, test } from "vitest";
import { findPreset } from "../../src/crm/registry.ts";
import { verifySignature } from "../../src/crm/verify.ts";
import type { DigestEncoding, HashAlgorithm, HmacRecipe, KeyEncoding, Preset } from "../../src/domain/source.ts";
import { makeRequest } from "./requests.ts";
import vectors from "./signature-vectors.json" with { type: "json" };

type Vector = (typeof vectors)[number];

/** Mechanisms that are not an HMAC over a template of whole parts. */
const otherFamilies = ["hubspot-v1", "hubspot-v2", "twilio-form-hmac-sha1", "twilio-json-bodySHA256", "jwt-hs256"];

const covered = vectors.filter((vector) => !otherFamilies.includes(vector.scheme));

test("every published vector is either covered here or named as another family", () => {
  expect(vectors.length - covered.length).toBe(otherFamilies.length);
  expect(covered.length).toBe(16);
});

describe.each(covered)("$scheme ($provider)", (vector) => {
  const preset = presetOf(vector);
  const secrets = [{ id: "v", value: vector.secret }];
  const request = { ...makeRequest(vector.body, headersOf(vector)), method: vector.method };
  const nowMs = timeOf(vector);
  const base = { preset, settings: {}, tenant: null, secrets, request, nowMs };
  const proof = vector.recipe.signatureHeader.toLowerCase();

  test("the published signature is right at its own time", async () => {
    expect(await verifySignature(base)).toEqual({ ok: true, secretId: "v" });
  });

  test("the same with another body, secret or signature is refused", async () => {
    const body = new TextEncoder().encode(`${vector.body} `);
    expect(await verifySignature({ ...base, request: { ...request, body } })).toMatchObject({
      reason: "signature_wrong",
    });
    // Another key, whatever its encoding: a digit changed where every encoding reads one.
    const value = vector.secret.replace(/[0-9](?=[^0-9]*$)/, (digit) => (digit === "1" ? "2" : "1"));
    const others = [{ id: "v", value: value === vector.secret ? `${value}x` : value }];
    expect(await verifySignature({ ...base, secrets: others })).toMatchObject({ reason: "signature_wrong" });

    const signature = request.headers[proof] ?? "";
    const bent = signature.replaceAll(/[0-9]/g, (digit) => (digit === "1" ? "2" : "1"));
    const headers = { ...request.headers, [proof]: bent };
    expect(await verifySignature({ ...base, request: { ...request, headers } })).toMatchObject({ ok: false });
  });

  test("what the signature covers beside the body is covered", async () => {
    for (const header of [vector.recipe.timestampHeader, vector.recipe.idHeader]) {
      if (header === undefined) continue;
      const name = header.toLowerCase();
      const later = (request.headers[name] ?? "").replace(/.$/, (last) => (last === "1" ? "2" : "1"));
      const headers = { ...request.headers, [name]: later };
      expect(await verifySignature({ ...base, request: { ...request, headers } })).toMatchObject({
        reason: "signature_wrong",
      });
      const { [name]: _gone, ...without } = request.headers;
      expect(await verifySignature({ ...base, request: { ...request, headers: without } })).toMatchObject({
        ok: false,
      });
    }
  });

  test("a right signature is refused six minutes later or earlier, where it has a time", async () => {
    if (!vector.recipe.template.includes("{timestamp}")) return;
    for (const off of [-360_000, 360_000]) {
      expect(await verifySignature({ ...base, nowMs: nowMs + off })).toMatchObject({
        reason: "timestamp_outside_tolerance",
      });
    }
    for (const off of [-300_000, 300_000]) {
      expect(await verifySignature({ ...base, nowMs: nowMs + off })).toMatchObject({ ok: true });
    }
  });
});

test("the shopify preset itself verifies Shopify's published vector", async () => {
  const vector = vectors.find(({ provider }) => provider === "shopify");
  const preset = findPreset("shopify");
  if (vector === undefined || preset === null) throw new Error("no shopify");
  const request = makeRequest(vector.body, headersOf(vector));
  const secrets = [{ id: "v", value: vector.secret }];
  const tenant = "shop1.myshopify.io";
  expect(await verifySignature({ preset, settings: {}, tenant, secrets, request, nowMs: 0 })).toMatchObject({
    ok: true,
  });
});

test("a key that everybody knows is never accepted", async () => {
  const vector = vectors.find(({ provider }) => provider === "zendesk");
  if (vector === undefined) throw new Error("no zendesk");
  const preset = { ...presetOf(vector), publicSecrets: [vector.secret] };
  const request = makeRequest(vector.body, headersOf(vector));
  const secrets = [{ id: "v", value: vector.secret }];
  const nowMs = timeOf(vector);
  expect(await verifySignature({ preset, settings: {}, tenant: null, secrets, request, nowMs })).toMatchObject({
    reason: "no_secrets",
  });
});

/** A preset that is nothing but the vector's recipe. */
function presetOf(vector: Vector): Preset {
  const { recipe } = vector;
  const format = vector.provider === "hubspot" ? "ms" : "s";
  const part = recipe.list?.timestampPart;
  const header = recipe.timestampHeader?.toLowerCase();
  const from = part !== undefined ? { part } : header !== undefined ? { header } : null;
  const hmac: HmacRecipe = {
    family: "hmac",
    algorithm: oneOf<HashAlgorithm>(recipe.algorithm, ["sha1", "sha256", "sha512"]),
    key: oneOf<KeyEncoding>(recipe.key, ["utf8", "base64", "hex", "whsec"]),
    digest: oneOf<DigestEncoding>(recipe.encoding, ["hex", "base64"]),
    template: recipe.template,
    header: recipe.signatureHeader.toLowerCase(),
    ...(recipe.prefix === undefined ? {} : { prefix: recipe.prefix }),
    ...(recipe.list === undefined
      ? {}
      : { list: { item: recipe.list.item, pair: recipe.list.kv, signature: recipe.list.signaturePart } }),
    ...(from === null ? {} : { timestamp: { from, format, toleranceSeconds: 300 } }),
    ...(recipe.idHeader === undefined ? {} : { idHeader: recipe.idHeader.toLowerCase() }),
    ...(vector.url === undefined ? {} : { url: vector.url }),
  };
  return {
    name: vector.scheme,
    title: vector.provider,
    settings: {},
    recipe: () => hmac,
    reading: () => ({ split: "", id: [], type: [], typeDefault: "event", time: [] }),
    tenant: null,
    unsignedFields: [],
    publicSecrets: [],
    answer: null,
  };
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

function oneOf<Choice extends string>(value: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`a vector says ${value}`);
  return found;
}
