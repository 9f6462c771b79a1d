/** Senders' published examples, each through its own preset, as a source of it would be set up. */
import { describe, expect, test } from "vitest";
import type { GivenSettings, Preset } from "../../../src/crm/preset/preset.ts";
import { findPreset, presets } from "../../../src/crm/presets/index.ts";
import { verifyBySecrets, verifySignature } from "../../../src/crm/signature/verify.ts";
import { makeRequest } from "../requests.ts";
import vectors from "../signature-vectors.json" with { type: "json" };

type Vector = (typeof vectors)[number];

/** Examples whose sender has another name in the registry. */
const presetNames: Readonly<Record<string, string>> = { "atlassian (jira/bitbucket)": "atlassian" };

/** The tenant of the example's source: the account in the example, if its preset needs one. */
const tenants: Readonly<Record<string, string>> = {
  hubspot: "62515",
  shopify: "shop1.myshopify.io",
  slack: "T1DC2JH3J",
  stripe: "acct_123",
};

const tokens = vectors.filter(({ scheme }) => scheme === "jwt-hs256");
const signed = vectors.filter(({ scheme }) => scheme !== "jwt-hs256");

/** The published example, with the test's changes. */
function scene(vector: Vector) {
  const at = timeOf(vector);
  const request = requestOf(vector);
  const header = vector.recipe.signatureHeader.toLowerCase();
  const verified = (deviation: Partial<Parameters<typeof verifySignature>[0]> = {}) =>
    verifyBySecrets({ ...subjectOf(vector), request, nowMs: at, ...deviation });
  return { at, request, header, verified };
}

describe.each(signed)("$provider, $scheme", (vector) => {
  const { request, header, verified } = scene(vector);

  test("is right at its own time", async () => {
    expect(await verified()).toEqual({ ok: true, secretId: "v" });
  });

  test("is refused with another body", async () => {
    const bodies = vector.body === "" ? ["x"] : [`${vector.body} `, flipped(vector.body), vector.body.slice(1)];
    for (const body of bodies) {
      // A form is signed by its fields, so a changed byte outside them has no effect on the result.
      if (vector.scheme.startsWith("twilio-form") && body.endsWith(" ")) continue;
      expect(await verified({ request: { ...request, body: new TextEncoder().encode(body) } })).toMatchObject({
        ok: false,
      });
    }
  });

  test("is refused with another secret", async () => {
    const value = flipped(vector.secret);
    expect(await verified({ secrets: [{ id: "v", value }] })).toMatchObject({ ok: false });
  });

  test("is refused with another signature, an empty one and none", async () => {
    const right = request.headers[header] ?? "";
    for (const value of [right.replaceAll(/[0-9]/g, (digit) => (digit === "1" ? "2" : "1")), ""]) {
      expect(
        await verified({ request: { ...request, headers: { ...request.headers, [header]: value } } }),
      ).toMatchObject({ ok: false });
    }
    const { [header]: _none, ...headers } = request.headers;
    expect(await verified({ request: { ...request, headers } })).toMatchObject({
      ok: false,
      reason: "signature_missing",
    });
  });
});

describe.each(signed.filter((vector) => signsOf(vector, "{url}")))("$provider, $scheme", (vector) => {
  const { request, verified } = scene(vector);
  test("is refused for another URL, and where nobody has said one", async () => {
    const { url } = request;
    for (const other of [
      `${url}x`,
      String(url).replace("https:", "http:"),
      String(url).replace(".com", ".org").replace(".site", ".org"),
    ])
      expect(await verified({ request: { ...request, url: other } })).toMatchObject({
        ok: false,
        reason: "signature_wrong",
      });
    expect(await verified({ request: { ...request, url: null } })).toMatchObject({ ok: false, reason: "url_unknown" });
  });
});

describe.each(signed.filter((vector) => signsOf(vector, "{method}")))("$provider, $scheme", (vector) => {
  const { request, verified } = scene(vector);
  test("is refused for another method", async () => {
    expect(await verified({ request: { ...request, method: "PUT" } })).toMatchObject({
      ok: false,
      reason: "signature_wrong",
    });
  });
});

describe.each(signed.filter((vector) => signsOf(vector, "{timestamp}")))("$provider, $scheme", (vector) => {
  const { at, request, header, verified } = scene(vector);
  test("is refused six minutes later and earlier, and with another time", async () => {
    for (const off of [-360_000, 360_000])
      expect(await verified({ nowMs: at + off })).toMatchObject({ ok: false, reason: "timestamp_outside_tolerance" });
    const name = vector.recipe.timestampHeader?.toLowerCase() ?? header;
    const before = request.headers[name] ?? "";
    const headers = {
      ...request.headers,
      [name]: before.replace(/\d(?=\d{6})/, (digit) => (digit === "1" ? "2" : "1")),
    };
    expect(await verified({ request: { ...request, headers }, nowMs: at })).toMatchObject({ ok: false });
  });
});

describe.each(signed.filter((vector) => signsOf(vector, "{id}")))("$provider, $scheme", (vector) => {
  const { request, verified } = scene(vector);
  test("is refused under another id", async () => {
    const name = vector.recipe.idHeader?.toLowerCase() ?? "";
    const headers = { ...request.headers, [name]: `${request.headers[name]}x` };
    expect(await verified({ request: { ...request, headers } })).toMatchObject({
      ok: false,
      reason: "signature_wrong",
    });
  });
});

test("an example is signed with a secret that anybody knows, and so is refused at the door under every preset", async () => {
  // Shorter ones are no new secret of anybody's.
  const long = vectors.filter(({ secret }) => secret.length >= 16);
  expect(long.length).toBeGreaterThan(10);
  for (const vector of long)
    for (const preset of presets.values()) {
      const secrets = [{ id: "v", value: vector.secret }];
      const subject = {
        preset,
        tenant: null,
        secrets,
        settings: {},
        request: requestOf(vector),
        nowMs: timeOf(vector),
      };
      const isForAll = preset.schemes[0].name.startsWith("gohighlevel");
      expect([preset.name, await verifySignature(subject)]).toMatchObject([
        preset.name,
        isForAll ? { ok: false } : { ok: false, reason: "public_secret" },
      ]);
    }
});

describe.each(tokens)("$provider, $scheme", (vector) => {
  const verified = (preset: string, settings: GivenSettings) =>
    verifyBySecrets({ ...subjectOf(vector, preset), settings, request: requestOf(vector), nowMs: 1_516_239_022_000 });

  test("is right for a source that says that its tokens do not expire, and refused by default and by monday.com", async () => {
    const settings = { scheme: "jwt-hs256", jwt_scheme: "" };
    expect(await verified("generic", { ...settings, jwt_expiry: "optional" })).toMatchObject({ ok: true });
    expect(await verified("generic", settings)).toMatchObject({ ok: false });
    expect(await verified("monday", {})).toMatchObject({ ok: false });
  });
});

function subjectOf(vector: Vector, name = presetNames[vector.provider] ?? vector.provider) {
  return {
    preset: presetOf(vector, name),
    settings: { scheme: vector.scheme } as GivenSettings,
    tenant: tenants[name] ?? null,
    secrets: [{ id: "v", value: vector.secret }],
  };
}

function presetOf(vector: Vector, name = presetNames[vector.provider] ?? vector.provider): Preset {
  const preset = findPreset(name);
  if (preset === null) throw new Error(`no preset ${name}`);
  return preset;
}

function requestOf(vector: Vector) {
  const headers = Object.fromEntries(
    Object.entries(vector.headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return { ...makeRequest(vector.body, headers), method: vector.method, url: vector.url ?? null };
}

function signsOf({ recipe: { template } }: Vector, token: string): boolean {
  return template.includes(token);
}

/** The same with one letter or digit in its middle changed to another of its kind. */
function flipped(text: string): string {
  const middle = Math.floor(text.length / 2);
  const at = [...text].findIndex((letter, index) => index >= middle && /[0-9A-Za-z]/.test(letter));
  const letter = text[at] ?? "";
  const other = /[0-9]/.test(letter)
    ? letter === "1"
      ? "2"
      : "1"
    : letter === "a"
      ? "b"
      : letter === "A"
        ? "B"
        : letter < "a"
          ? "A"
          : "a";
  return text.slice(0, at) + other + text.slice(at + 1);
}

/** The example's own time in milliseconds; 0 where its signature has none. */
function timeOf(vector: Vector): number {
  const headers = new Map(Object.entries(vector.headers));
  const inHeader = headers.get(vector.recipe.timestampHeader ?? "");
  if (inHeader !== undefined) return Number(inHeader) * (vector.provider === "hubspot" ? 1 : 1_000);
  const inList = /\b(?:t|ts)=(\d+)/.exec(headers.get(vector.recipe.signatureHeader) ?? "");
  return Number(inList?.[1] ?? 0) * 1_000;
}
