import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { doctor } from "../../../src/crm/doctor/doctor.ts";
import type { GivenSettings } from "../../../src/crm/preset/preset.ts";
import type { WebhookRequest } from "../../../src/domain/events/webhook.ts";
import type { StoredRequest } from "../../../src/ports/ingest/rejections.ts";
import type { RetiredSecret, StoredRejection } from "../../../src/ports/ingest/stored-rejections.ts";
import {
  crmWebhooks,
  requestBy,
  requestFrom,
  type SourceDeviation,
  sealer,
  sourceAddress,
  sourceOf,
  textOf,
  withBody,
  withHeader,
} from "../contract/scene.ts";
import type { CrmFixture } from "../fixture.ts";
import { fixtures } from "../fixtures/index.ts";
import { nowMs } from "../requests.ts";

const advisor = doctor(sealer);

/** A wrong request, and the difference in its source. */
type Sick = {
  readonly fixture: CrmFixture;
  readonly request: WebhookRequest;
  readonly deviation?: SourceDeviation;
  readonly retired?: readonly string[];
  readonly at?: number;
};

async function advised({ fixture, request, deviation = {}, retired = [], at = nowMs }: Sick) {
  const source = await sourceOf(fixture, deviation);
  const verdict = await crmWebhooks.verify(source, request, at);
  if (verdict.ok) return { ok: true, reason: "", advice: "", isPublicSecret: false };
  const had: RetiredSecret[] = await Promise.all(
    retired.map(async (value, index) => ({
      id: `r${index}`,
      sealed: await sealer.seal(value),
      retiredAt: Date.UTC(2026, 9, 30),
    })),
  );
  const { reason, detail } = verdict;
  const refused = {
    reason,
    detail,
    request,
    headers: Object.keys(request.headers),
    isWhole: true,
    presented: null,
    at,
  };
  const [told] = await advisor.advise(source, had, [refused]);
  return { ok: false, reason, advice: told?.advice ?? "", isPublicSecret: told?.isPublicSecret ?? false };
}

function of(preset: string, scheme: string): CrmFixture {
  const found = fixtures.find((one) => one.preset === preset && one.scheme === scheme);
  if (found === undefined) throw new Error(`no fixture ${preset} ${scheme}`);
  return found;
}

const shopify = of("shopify", "shopify-hmac-sha256");
const hubspot = of("hubspot", "hubspot-v3");
const hubspotV1 = of("hubspot", "hubspot-v1");
const hubspotV2 = of("hubspot", "hubspot-v2");
const zendesk = of("zendesk", "zendesk-hmac-sha256");
const stripe = of("stripe", "stripe-v1");
const github = of("github", "github-sha256");
const intercom = of("intercom", "intercom-hub-sha1");
const standard = of("standard-webhooks", "standard-webhooks-v1");
const monday = of("monday", "monday-jwt");
const flow = of("salesforce", "salesforce-flow");
const gorgias = of("gorgias", "gorgias-header");
const woo = of("woocommerce", "woocommerce-sha256");
const slack = of("slack", "slack-v0");

const secret = "generic-secret-0123456789";
const body = '{"id": "e-1", "type": "issue", "note": "Grüße"}';

/** Any sender, and what it sends. */
function generic(
  settings: GivenSettings,
  headers: Record<string, string>,
  own: { preset?: string; secret?: string; text?: string; url?: string } = {},
): Sick {
  const { preset = "generic", text = body, url = sourceAddress } = own;
  const fixture: CrmFixture = {
    preset,
    scheme: settings.scheme ?? (preset === "generic" ? "hmac" : preset),
    settings,
    secret: own.secret ?? secret,
    otherSecret: "other",
    tenant: null,
    signs: [],
    events: [],
    send: () => ({ method: "POST", url, headers: { "Content-Type": "application/json", ...headers }, body: text }),
  };
  return { fixture, request: requestBy(fixture) };
}

const mac = (text: string, key: string | Buffer = secret, hash = "sha256") => createHmac(hash, key).update(text);
const seconds = String(Math.floor(nowMs / 1_000));

/** The header of a request, changed. */
function changed(
  fixture: CrmFixture,
  name: string,
  change: (value: string) => string | null,
  request = requestBy(fixture),
): Sick {
  return { fixture, request: withHeader(request, name, change(request.headers[name] ?? "")) };
}

/** The body of a request, changed on its way. */
function proxied(fixture: CrmFixture, change: (text: string) => string, sent?: string): Sick {
  const request = requestBy(fixture, sent === undefined ? {} : { body: sent });
  return { fixture, request: withBody(request, change(textOf(request))) };
}

const registered = (url: string): SourceDeviation => ({ settings: { url } });

const table: readonly (readonly [string, RegExp, () => Sick | Promise<Sick>])[] = [
  // Another scheme of the preset.
  [
    "signed as v1 where v3 is expected",
    /Valid as hubspot-v1, but this source expects hubspot-v3: set settings\.scheme to hubspot-v1/,
    () => ({ fixture: hubspot, request: requestBy(hubspotV1) }),
  ],
  [
    "signed as v2 where v3 is expected",
    /Valid as hubspot-v2, but this source expects hubspot-v3/,
    () => ({ fixture: hubspot, request: requestBy(hubspotV2) }),
  ],
  [
    "signed as v3 where v1 is expected",
    /Valid as hubspot-v3, but this source expects hubspot-v1/,
    () => ({ fixture: hubspotV1, request: requestBy(hubspot) }),
  ],
  [
    "a workflow's where a subscription's is expected",
    /Valid as hubspot-workflow-v3, but this source expects hubspot-v3/,
    () => ({ fixture: hubspot, request: requestBy(of("hubspot", "hubspot-workflow-v3")) }),
  ],
  [
    "GitHub's older signature alone",
    /Valid as github-sha1-legacy, but this source expects github-sha256/,
    () => ({ fixture: github, request: requestBy(of("github", "github-sha1-legacy")) }),
  ],

  // The address.
  [
    "signed for https and seen as http",
    /Signed for the address https:\/\/hooks\.example\.com\/in\/acme, but Hookline expects http:\/\/hooks\.example\.com\/in\/acme: set settings\.url/,
    () => ({
      fixture: hubspot,
      request: requestBy(hubspot),
      deviation: registered("http://hooks.example.com/in/acme"),
    }),
  ],
  [
    "signed for another host, which the request names",
    /Signed for the address https:\/\/crm\.acme\.example\/in\/acme, but Hookline expects https:\/\/hooks\.example\.com\/in\/acme/,
    () => {
      const request = requestBy(hubspot, { url: "https://crm.acme.example/in/acme" });
      return { fixture: hubspot, request: { ...withHeader(request, "host", "crm.acme.example"), url: sourceAddress } };
    },
  ],
  [
    "signed with a slash at its end",
    /Signed for the address https:\/\/hooks\.example\.com\/in\/acme\/, but Hookline expects https:\/\/hooks\.example\.com\/in\/acme/,
    () => ({
      fixture: hubspotV2,
      request: { ...requestBy(hubspotV2, { url: `${sourceAddress}/` }), url: sourceAddress },
    }),
  ],
  [
    "signed without the query that came",
    /Signed for the address https:\/\/hooks\.example\.com\/in\/acme, but Hookline expects https:\/\/hooks\.example\.com\/in\/acme\?utm=…/,
    () => ({ fixture: hubspot, request: { ...requestBy(hubspot), url: `${sourceAddress}?utm=1`, search: "?utm=1" } }),
  ],
  [
    "signed as v2 and for http",
    /Valid as hubspot-v2.*Signed for the address http:\/\//s,
    () => ({
      fixture: hubspot,
      request: { ...requestBy(hubspotV2, { url: sourceAddress.replace("https", "http") }), url: sourceAddress },
    }),
  ],
  [
    "a token for another address",
    /Signed for the address https:\/\/old\.example\/in\/acme, but Hookline expects https:\/\/hooks\.example\.com\/in\/acme/,
    () => ({
      fixture: monday,
      request: { ...requestBy(monday, { url: "https://old.example/in/acme" }), url: sourceAddress },
    }),
  ],

  // The time.
  [
    "seven minutes old",
    /The signature is valid, but 7 min old; 300 s are allowed/,
    () => ({ fixture: hubspot, request: requestBy(hubspot, { at: nowMs - 420_000 }) }),
  ],
  [
    "from a clock that is ahead",
    /10 min in the future.*sender's is ahead/,
    () => ({ fixture: stripe, request: requestBy(stripe, { at: nowMs + 600_000 }) }),
  ],
  [
    "two days old",
    /The signature is valid, but 2 days old/,
    () => ({ fixture: zendesk, request: requestBy(zendesk, { at: nowMs - 2 * 86_400_000 }) }),
  ],
  [
    "with milliseconds for seconds",
    /time is written as ms, but the source reads it as s: set settings\.timestamp_format to ms/,
    () =>
      generic(
        { timestamp: "header", template: "{timestamp}.{body}" },
        { "X-Hookline-Timestamp": String(nowMs), "X-Hookline-Signature": mac(`${nowMs}.${body}`).digest("hex") },
      ),
  ],
  [
    "with seconds for milliseconds",
    /time is written as s, but the source reads it as ms/,
    () =>
      generic(
        { timestamp: "header", timestamp_format: "ms", template: "{timestamp}.{body}" },
        { "X-Hookline-Timestamp": seconds, "X-Hookline-Signature": mac(`${seconds}.${body}`).digest("hex") },
      ),
  ],
  [
    "an expired token",
    /token's signature is valid, but the token expired 5 min before the request came/,
    () => ({ fixture: monday, request: requestBy(monday, { at: nowMs - 600_000 }) }),
  ],

  // The body.
  [
    "with white space before and after it",
    /Valid without the white space around the body: a proxy added some/,
    () => proxied(shopify, (text) => `  ${text} `),
  ],
  ["with a newline more", /Valid without the newline at the body's end/, () => proxied(github, (text) => `${text}\n`)],
  [
    "with a newline less",
    /Valid with a newline at the end of the body/,
    () => proxied(shopify, (text) => text.trimEnd(), '{"id":1}\n'),
  ],
  [
    "with LF for CRLF",
    /Valid with CR LF line ends/,
    () => proxied(woo, (text) => text.replaceAll("\r\n", "\n"), '{\r\n"id":1}'),
  ],
  [
    "with CRLF for LF",
    /Valid with LF line ends/,
    () => proxied(woo, (text) => text.replaceAll("\n", "\r\n"), '{\n"id":1}'),
  ],
  [
    "with a byte order mark more",
    /Valid without the byte order mark/,
    () => proxied(shopify, (text) => `\uFEFF${text}`),
  ],
  [
    "written anew in two spaces",
    /JSON written in another form/,
    () => proxied(shopify, (text) => JSON.stringify(JSON.parse(text), null, 2), '{"id":1,"name":"#1","tags":[1,2]}'),
  ],
  [
    "written anew without spaces",
    /JSON written in another form/,
    () =>
      proxied(
        stripe,
        (text) => JSON.stringify(JSON.parse(text)),
        JSON.stringify({ id: "e", account: "acct_123" }, null, 2),
      ),
  ],
  [
    "written anew, that was Python's",
    /JSON written in another form/,
    () => proxied(github, (text) => JSON.stringify(JSON.parse(text)), '{"id": "Gr\\u00fc\\u00dfe", "list": [1, 2]}'),
  ],
  [
    "written anew, that was PHP's",
    /JSON written in another form/,
    () => proxied(github, (text) => JSON.stringify(JSON.parse(text)), '{"url":"https:\\/\\/acme.example"}'),
  ],

  // The signature's own spelling.
  [
    "in base64 where hex is wanted",
    /The signature is in base64, but the preset expects hex/,
    () =>
      changed(
        github,
        "x-hub-signature-256",
        () =>
          `sha256=${createHmac("sha256", github.secret ?? "")
            .update(textOf(requestBy(github)))
            .digest("base64")}`,
      ),
  ],
  [
    "in hex where base64 is wanted",
    /The signature is in hex, but the preset expects base64/,
    () => changed(shopify, "x-shopify-hmac-sha256", (value) => Buffer.from(value, "base64").toString("hex")),
  ],
  [
    "in upper-case hex where base64 is wanted",
    /The signature is in hex, but the preset expects base64/,
    () =>
      changed(shopify, "x-shopify-hmac-sha256", (value) => Buffer.from(value, "base64").toString("hex").toUpperCase()),
  ],
  [
    "in the other alphabet of base64",
    /The signature is in base64url, but the preset expects base64/,
    () => {
      for (let n = 0; ; n++) {
        const request = requestBy(shopify, { body: `{"n":${n}}` });
        const value = request.headers["x-shopify-hmac-sha256"] ?? "";
        if (/[+/]/.test(value))
          return {
            fixture: shopify,
            request: withHeader(request, "x-shopify-hmac-sha256", Buffer.from(value, "base64").toString("base64url")),
          };
      }
    },
  ],
  [
    "in a list, in the other alphabet of base64",
    /The signature is in base64url, but the preset expects base64/,
    () =>
      changed(standard, "webhook-signature", (value) =>
        value.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
      ),
  ],
  [
    "without its prefix",
    /The prefix "sha1=" is missing before the signature/,
    () => changed(intercom, "x-hub-signature", (value) => value.replace("sha1=", "")),
  ],
  [
    "with a prefix that nobody said",
    /"sha256=" stands before the signature: set settings\.prefix to "sha256="/,
    () => generic({}, { "X-Hookline-Signature": `sha256=${mac(body).digest("hex")}` }),
  ],
  [
    "in quotation marks",
    /is in quotation marks/,
    () => changed(shopify, "x-shopify-hmac-sha256", (value) => `"${value}"`),
  ],
  [
    "in base64, by the settings",
    /The signature is in base64, but the source expects hex: set settings\.encoding to base64/,
    () => generic({}, { "X-Hookline-Signature": mac(body).digest("base64") }),
  ],
  [
    "with another hash",
    /This is a sha512 signature, but the source expects sha256: set settings\.hash to sha512/,
    () => generic({}, { "X-Hookline-Signature": mac(body, secret, "sha512").digest("hex") }),
  ],
  ["that came twice", /came twice/, () => changed(shopify, "x-shopify-hmac-sha256", (value) => `${value}, ${value}`)],

  // The header.
  [
    "in another header",
    /came in the header x-acme-signature, but the source expects it in x-hookline-signature: set settings\.header to x-acme-signature/,
    () => generic({}, { "X-Acme-Signature": mac(body).digest("hex") }),
  ],
  [
    "in a header without its X-",
    /came in the header wc-webhook-signature, but the source expects it in x-wc-webhook-signature/,
    () => {
      const request = requestBy(woo);
      return {
        fixture: woo,
        request: withHeader(
          withHeader(request, "wc-webhook-signature", request.headers["x-wc-webhook-signature"] ?? ""),
          "x-wc-webhook-signature",
          null,
        ),
      };
    },
  ],
  [
    "of another sender, with the source's secret",
    /Valid as Stripe; this source has the preset shopify: give the source the preset stripe/,
    () => ({ fixture: shopify, request: requestBy(stripe, { secret: shopify.secret ?? "" }) }),
  ],
  [
    "of another sender",
    /These headers are Stripe's; this source has the preset shopify/,
    () => ({ fixture: shopify, request: requestBy(stripe) }),
  ],
  [
    "of another sender, to a source of shared secrets",
    /These headers are Shopify's; this source has the preset gorgias/,
    () => ({ fixture: gorgias, request: requestBy(shopify) }),
  ],
  ["of nobody", /no signature as this source expects it/, () => changed(shopify, "x-shopify-hmac-sha256", () => null)],
  [
    "with a secret instead of a signature",
    /it has a secret instead \(authorization\): give the source the preset bearer/,
    () => generic({}, { Authorization: `Bearer ${secret}` }),
  ],

  // The canonical string.
  [
    "signed with its time",
    /The sender signs \{timestamp\}\.\{body\}: set settings\.template to that, timestamp to header, timestamp_header to x-acme-timestamp/,
    () => generic({}, { "X-Acme-Timestamp": seconds, "X-Hookline-Signature": mac(`${seconds}.${body}`).digest("hex") }),
  ],
  [
    "in a list as Stripe's",
    /set settings\.template to that, list_part to v1, timestamp to list/,
    () => generic({}, { "X-Hookline-Signature": `t=${seconds},v1=${mac(`${seconds}.${body}`).digest("hex")}` }),
  ],
  [
    "a hash where an HMAC is expected",
    /Valid as hash, but this source expects hmac/,
    () =>
      generic(
        {},
        {
          "X-Hookline-Signature": createHash("sha256")
            .update(secret + body)
            .digest("hex"),
        },
      ),
  ],

  // The secret.
  [
    "with a secret that was retired",
    /signed with the secret that was retired on 2026-10-30/,
    () => ({
      fixture: shopify,
      request: requestBy(shopify, { secret: "old-secret" }),
      retired: ["older", "old-secret"],
    }),
  ],
  [
    "with the test key of Zendesk's editor",
    /signed with Zendesk's published test key/,
    () => ({
      fixture: zendesk,
      request: requestBy(zendesk, { secret: "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==" }),
    }),
  ],
  [
    "stored with white space around it",
    /Valid with the secret without the white space around it/,
    () => ({
      fixture: shopify,
      request: requestBy(shopify),
      deviation: { secrets: [{ id: "s1", value: ` ${shopify.secret}\n` }] },
    }),
  ],
  [
    "stored in quotation marks",
    /Valid with the secret without its quotation marks/,
    () => ({
      fixture: stripe,
      request: requestBy(stripe),
      deviation: { secrets: [{ id: "s1", value: `"${stripe.secret}"` }] },
    }),
  ],
  [
    "stored without whsec_",
    /Valid with whsec_ before the secret: store the whole text/,
    () => ({
      fixture: stripe,
      request: requestBy(stripe),
      deviation: { secrets: [{ id: "s1", value: (stripe.secret ?? "").replace("whsec_", "") }] },
    }),
  ],
  [
    "which the sender has with a newline",
    /a newline at its end: remove the newline from the sender's copy/,
    () => ({ fixture: github, request: requestBy(github, { secret: `${github.secret}\n` }) }),
  ],
  [
    "read as base64 where it is text",
    /Valid with the secret read as utf8, but the source reads it as base64: set settings\.key to utf8/,
    () =>
      generic(
        { key: "base64" },
        { "X-Hookline-Signature": mac(body, "c2VjcmV0LWluLWJhc2U2NA==").digest("hex") },
        { secret: "c2VjcmV0LWluLWJhc2U2NA==" },
      ),
  ],
  [
    "read as text where it is hex",
    /Valid with the secret read as hex, but the source reads it as utf8: set settings\.key to hex/,
    () =>
      generic(
        {},
        { "X-Hookline-Signature": mac(body, Buffer.from("00ff10203040506070", "hex")).digest("hex") },
        { secret: "00ff10203040506070" },
      ),
  ],
  [
    "that is another one, or an address of which nothing is known",
    /secret is probably a different one.* covers the address too, and was checked with https?:[^?]*: if the sender has another/,
    () => ({
      fixture: hubspot,
      request: {
        ...requestBy(hubspot, { url: "https://elsewhere.example.org/hooks/x" }),
        url: requestBy(hubspot).url,
      },
    }),
  ],
  [
    "that is another one",
    /secret is probably a different one/,
    () => ({ fixture: shopify, request: requestBy(shopify, { secret: shopify.otherSecret }) }),
  ],
  [
    "and the source has none",
    /The source has no usable secret/,
    () => ({ fixture: shopify, request: requestBy(shopify), deviation: { secrets: [] } }),
  ],
  [
    "retired, and for another address",
    /retired on 2026-10-30.*Signed for the address http:\/\//s,
    () => ({
      fixture: hubspot,
      request: {
        ...requestBy(hubspot, { secret: "old", url: sourceAddress.replace("https", "http") }),
        url: sourceAddress,
      },
      retired: ["old"],
    }),
  ],

  // The tenant.
  [
    "of another account",
    /The request is of the account 99999, but this source accepts only 62515/,
    () => ({ fixture: hubspot, request: requestBy(hubspot, { tenant: "99999" }) }),
  ],
  [
    "of an account that the source does not say",
    /the source names none: set tenant.* \(this request is of 62515\)/,
    () => ({ fixture: hubspot, request: requestBy(hubspot), deviation: { tenant: null } }),
  ],
  [
    "of another shop",
    /The request is of the account other\.myshopify\.com, but this source accepts only/,
    () => changed(shopify, "x-shopify-shop-domain", () => "other.myshopify.com"),
  ],

  // Shared secrets.
  [
    "presented as Bearer where a header is wanted",
    /The secret came as Authorization: Bearer, but the source expects it in the header x-hookline-key/i,
    () => ({
      fixture: gorgias,
      request: withHeader(
        withHeader(requestBy(gorgias), "x-hookline-key", null),
        "authorization",
        `Bearer ${gorgias.secret}`,
      ),
    }),
  ],
  [
    "presented in a header where Bearer is wanted",
    /The secret came in the header x-api-key, but the source expects it as Authorization: Bearer/,
    () => generic({}, { "X-Api-Key": secret }, { preset: "bearer" }),
  ],
  [
    "presented without the word Bearer",
    /The secret came in Authorization, without the word Bearer or Basic/,
    () => generic({}, { Authorization: secret }, { preset: "bearer" }),
  ],
  [
    "presented in the body",
    /The secret came in the body at token/,
    () => generic({}, {}, { preset: "bearer", text: JSON.stringify({ token: secret }) }),
  ],
  [
    "presented in the query",
    /The secret came as the query's k, but the source expects it as Authorization: Bearer/,
    () => generic({}, {}, { preset: "bearer", url: `${sourceAddress}?k=${secret}` }),
  ],
  [
    "presented in quotation marks",
    /without the quotation marks|quotation marks/,
    () => generic({}, { Authorization: `Bearer "${secret}"` }, { preset: "bearer" }),
  ],
  [
    "stored with a space at its end",
    /without the white space around it/,
    () => generic({}, { Authorization: `Bearer ${secret}` }, { preset: "bearer", secret: `${secret} ` }),
  ],
  [
    "stored with the word Bearer",
    /without the word before it/,
    () => generic({}, { Authorization: `Bearer ${secret}` }, { preset: "bearer", secret: `Bearer ${secret}` }),
  ],
  [
    "presented, and retired",
    /retired on 2026-10-30/,
    () => ({ ...generic({}, { Authorization: "Bearer old-one" }, { preset: "bearer" }), retired: ["old-one"] }),
  ],
  [
    "presented as Basic without a user",
    /not a user and password: have the sender write user:password there, in base64/,
    () => generic({ location: "basic" }, { Authorization: `Basic ${btoa(secret)}` }, { preset: "bearer" }),
  ],
  [
    "presented as Basic without base64",
    /not a user and password: have the sender write user:password there, in base64/,
    () => generic({ location: "basic" }, { Authorization: `Basic ${secret}` }, { preset: "bearer" }),
  ],
  [
    "presented, and another one",
    /a different secret than the source/,
    () => ({ fixture: flow, request: requestBy(flow, { secret: flow.otherSecret }) }),
  ],
];

describe("a request that is refused is explained:", () => {
  test.each(table)("%s", async (_what, wanted, make) => {
    const sick = await make();
    const { ok, advice } = await advised(sick);
    expect(ok).toBe(false);
    expect(advice).toMatch(wanted);
    for (const shown of valuesNeverShown(sick)) expect(advice).not.toContain(shown);
  });

  test("and there are more than twenty-five of them, of more than eight presets", async () => {
    const presets = new Set(
      (await Promise.all(table.map(([, , make]) => make()))).map(({ fixture }) => fixture.preset),
    );
    expect(table.length).toBeGreaterThan(25);
    expect(presets.size).toBeGreaterThan(8);
  });
});

function rejectionOf({ headers }: WebhookRequest, request: StoredRequest): StoredRejection {
  const what = { id: "x", at: nowMs, code: "signature_wrong", detail: "", headers: Object.keys(headers), bodyBytes: 1 };
  return { ...what, request, acceptedAt: null, acceptedEvents: [] };
}

/** Secrets, old ones too, and every digest that came. */
function valuesNeverShown({ fixture, request, deviation, retired = [] }: Sick): readonly string[] {
  const secrets = [
    fixture.secret ?? "",
    fixture.otherSecret,
    secret,
    ...(deviation?.secrets ?? []).map(({ value }) => value),
  ];
  const digests = Object.entries(request.headers).flatMap(([name, value]) =>
    /signature|hmac|authorization/.test(name) ? value.split(/[ ,=]/) : [],
  );
  return [...secrets, ...retired, ...digests].filter((value) => value.trim().length > 8);
}

describe("the doctor", () => {
  test.each(fixtures.map((fixture) => [`${fixture.preset} ${fixture.scheme}`, fixture] as const))(
    "finds nothing right in a stranger's signature of %s, and shows no secret",
    async (_name, fixture) => {
      const request = requestBy(fixture, { secret: fixture.otherSecret });
      const { ok, advice } = await advised({ fixture, request, retired: ["had-before"] });
      if (ok) return;
      expect(advice).not.toBe("");
      expect(advice).not.toMatch(/retired on|Right (?:with|after)|Valid as|published test key/);
      for (const shown of [fixture.secret ?? "-----", fixture.otherSecret, "had-before"])
        expect(advice).not.toContain(shown);
    },
  );

  test("takes a bounded number of tries, whatever is asked of it", async () => {
    const source = await sourceOf(hubspot);
    const large = withBody(requestBy(hubspot, { secret: "wrong" }), `[${'{"a":1},'.repeat(28_000)}{}]`);
    const headers = Object.keys(large.headers);
    const refused = Array.from({ length: 50 }, () => ({
      reason: "signature_wrong",
      detail: "",
      request: large,
      headers,
      isWhole: true,
      presented: null,
      at: nowMs,
    }));
    const begun = performance.now();
    expect(await advisor.advise(source, [], refused)).toHaveLength(50);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test("is done soon with a body that is nothing but white space", async () => {
    const begun = performance.now();
    const request = withBody(requestBy(shopify), `${" ".repeat(262_000)}x`);
    expect((await advised({ fixture: shopify, request })).ok).toBe(false);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  test("says of a request of which nothing was kept what its names tell", async () => {
    const source = await sourceOf(shopify);
    const recalled = advisor.recall(source, {
      id: "x",
      at: nowMs,
      code: "signature_missing",
      detail: "",
      headers: ["stripe-signature"],
      bodyBytes: 1,
      request: null,
      acceptedAt: null,
      acceptedEvents: [],
    });
    const [told] = await advisor.advise(source, [], [recalled]);
    expect(told?.advice).toContain("These headers are Stripe's");
  });
});

describe("what is kept of a refused request", () => {
  const keep = async ({ fixture, request, deviation }: Sick, reason = "signature_wrong") =>
    await crmWebhooks.evidence(await sourceOf(fixture, deviation ?? {}), request, reason);
  const stored = (kept: unknown) =>
    JSON.stringify(kept, (_key, value) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : value));

  test.each(
    fixtures
      .filter(({ secret: own }) => own !== null)
      .map((fixture) => [`${fixture.preset} ${fixture.scheme}`, fixture] as const),
  )("of %s is enough to judge it again as the door would, and holds no secret", async (_name, fixture) => {
    const request = withHeader(
      withHeader(
        requestBy(fixture),
        "authorization",
        requestBy(fixture).headers.authorization ?? `Bearer ${fixture.secret}`,
      ),
      "cookie",
      "session=1234567",
    );
    const kept = await keep({ fixture, request });
    const text = stored(kept);
    expect(kept.headers.cookie).toBeUndefined();
    expect(Object.keys(kept.headers)).not.toContain("authorization");
    const isPublic = (fixture.secret ?? "").includes("PUBLIC KEY") || /^whpk_/.test(fixture.secret ?? "");
    if (!isPublic) expect(text).not.toContain(fixture.secret);
    if (kept.bodyKept !== "whole") {
      expect(kept.body).toBeNull();
      expect(["shared_secret", "token", "credentials"]).toContain(kept.bodyKept);
      return;
    }
    const source = await sourceOf(fixture);
    const rejection = {
      id: "x",
      at: nowMs,
      code: "signature_wrong",
      detail: "",
      headers: Object.keys(request.headers),
      bodyBytes: 1,
      request: kept,
      acceptedAt: null,
      acceptedEvents: [],
    };
    const recalled = advisor.recall(source, rejection);
    if (!recalled.isWhole) return;
    expect(await crmWebhooks.verify(source, recalled.request, nowMs)).toEqual(
      await crmWebhooks.verify(source, requestBy(fixture), nowMs),
    );
    const [again, first] = [
      await crmWebhooks.read(source, recalled.request, nowMs),
      await crmWebhooks.read(source, requestBy(fixture), nowMs),
    ];
    expect(again).toEqual(first);
  });

  test("is whole for the senders that sign", async () => {
    for (const fixture of [shopify, hubspot, zendesk, stripe, github, woo, standard, intercom]) {
      const request = requestBy(fixture);
      const source = await sourceOf(fixture);
      const kept = await keep({ fixture, request });
      const rejection = {
        id: "x",
        at: nowMs,
        code: "signature_wrong",
        detail: "",
        headers: Object.keys(request.headers),
        bodyBytes: 1,
        request: kept,
        acceptedAt: null,
        acceptedEvents: [],
      };
      expect([fixture.preset, advisor.recall(source, rejection).isWhole]).toEqual([fixture.preset, true]);
    }
  });

  test.each<[string, string, () => Sick, string?]>([
    [
      "a body over the limit",
      "too_large",
      () => ({ fixture: shopify, request: withBody(requestBy(shopify), " ".repeat(262_145)) }),
    ],
    ["a stranger's, which nothing signs", "unsigned", () => changed(shopify, "x-shopify-hmac-sha256", () => null)],
    [
      "one with a credential of the sender's own",
      "credentials",
      () => ({
        fixture: slack,
        request: requestBy(slack, { body: '{"token":"z26uFbvR1xHJEdHE1OQiO6t8","team_id":"T1"}' }),
      }),
    ],
    [
      "one with the source's own secret in it",
      "credentials",
      () => ({ fixture: shopify, request: withBody(requestBy(shopify), `{"x":"${shopify.secret}"}`) }),
    ],
    ["a shared secret's", "shared_secret", () => ({ fixture: gorgias, request: requestBy(gorgias) })],
    ["a token's", "token", () => ({ fixture: monday, request: requestBy(monday) })],
    ["a handshake's", "handshake", () => ({ fixture: shopify, request: requestBy(shopify) }), "handshake_refused"],
  ])("is no body of %s", async (_what, bodyKept, make, reason) => {
    expect(await keep(make(), reason)).toMatchObject({ body: null, bodyKept });
  });

  test("is a body at the limit, bytes that are no text too", async () => {
    const bytes = new Uint8Array(262_144).fill(0);
    const kept = await keep({ fixture: shopify, request: withBody(requestBy(shopify), bytes) });
    expect(kept).toMatchObject({ bodyKept: "whole" });
    expect(Buffer.compare(kept.body ?? new Uint8Array(), bytes)).toBe(0);
  });

  test("is no signature that stands in Authorization: it cannot be judged again", async () => {
    const sick = generic({ header: "authorization" }, { Authorization: mac(body).digest("hex"), Cookie: "a=b" });
    const kept = await keep(sick);
    expect(kept.headers).toEqual({ "content-type": "application/json" });
    const source = await sourceOf(sick.fixture);
    expect(advisor.recall(source, rejectionOf(sick.request, kept)).isWhole).toBe(false);
  });

  test("has no value of an address that may be a secret", async () => {
    const url = `${sourceAddress}/path-secret-1234?token=query-secret-1&page=2&k=query-secret-2&api_key=query-secret-3`;
    const kept = await keep({
      fixture: hubspot,
      request: requestFrom({ ...hubspot.send({ secret: "x", at: nowMs, url }), url, key: "path-secret-1234" }),
    });
    expect(kept.url).toBe(`${sourceAddress}/[hidden]?token=[hidden]&page=2&k=[hidden]&api_key=[hidden]`);
    expect(stored(kept)).not.toMatch(/path-secret|query-secret/);
  });

  test("says of a presented secret no more than whether it is this one", async () => {
    const sick = generic({}, { Authorization: "Bearer presented-secret-1" }, { preset: "bearer" });
    const kept = await keep(sick);
    expect(kept).toMatchObject({
      headers: { "content-type": "application/json" },
      body: null,
      presented: { authorization: "bearer", token: null },
    });
    expect(kept.presented?.fingerprints).toEqual([await sealer.fingerprint("presented-secret-1")]);
    expect(stored(kept)).not.toContain("presented-secret-1");
    const source = await sourceOf(sick.fixture, { secrets: [{ id: "s1", value: "presented-secret-1" }] });
    const rejection = {
      id: "x",
      at: nowMs,
      code: "secret_wrong",
      detail: "",
      headers: ["authorization"],
      bodyBytes: 1,
      request: kept,
      acceptedAt: null,
      acceptedEvents: [],
    };
    const [told] = await advisor.advise(source, [], [advisor.recall(source, rejection)]);
    expect(told).toMatchObject({
      isRightNow: true,
      advice: expect.stringContaining("a secret that the source has by now"),
    });
  });

  test("of a token is what it claims, and nothing that could be presented", async () => {
    const request = requestBy(monday, { at: nowMs - 600_000 });
    const [header, claims = "", signature] = (request.headers.authorization ?? "").split(".");
    const said = JSON.parse(Buffer.from(claims, "base64url").toString());
    // monday.com's own credential, good for five minutes.
    const more = Buffer.from(JSON.stringify({ ...said, shortLivedToken: "short-lived-1" })).toString("base64url");
    const authorization = `${header}.${more}.${signature}`;
    const kept = await keep({
      fixture: monday,
      request: { ...request, headers: { ...request.headers, authorization } },
    });
    const parts = kept.presented?.token?.split(".").map((part) => JSON.parse(atob(part)));
    expect(parts).toEqual([{ alg: "HS256" }, { aud: said.aud, iat: said.iat, exp: said.exp }]);
    expect(stored(kept)).not.toContain(signature);
    const source = await sourceOf(monday);
    const rejection = {
      id: "x",
      at: nowMs,
      code: "token_expired",
      detail: "",
      headers: ["authorization"],
      bodyBytes: 1,
      request: kept,
      acceptedAt: null,
      acceptedEvents: [],
    };
    const [told] = await advisor.advise(source, [], [advisor.recall(source, rejection)]);
    expect(told?.advice).toContain("expired 5 min before the request came");
  });
});
