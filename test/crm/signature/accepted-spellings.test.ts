/**
 * Accepted spellings: blanks and other characters that people copy along with a secret, a signature's prefix or an
 * account's id.
 */
import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { checkSettings } from "../../../src/crm/preset/settings.ts";
import { salesforceId } from "../../../src/crm/signature/salesforce-id.ts";
import { verifySignature } from "../../../src/crm/signature/verify.ts";
import { makeRequest, nowMs, presetNamed } from "../requests.ts";

const secrets = [{ id: "s1", value: "a-secret-of-the-source" }];
const body = '{"id":1}';
const hex = createHmac("sha256", "a-secret-of-the-source").update(body).digest("hex");

describe("a signature's prefix", () => {
  const verdict = async (preset: string, settings: Record<string, string>, header: string, value: string) => {
    const request = makeRequest(body, { [header]: value });
    const given = { preset: presetNamed(preset), settings, tenant: null, secrets, request, nowMs };
    const found = await verifySignature(given);
    return found.ok ? "ok" : found.reason;
  };

  test.each<[string, string]>([
    ["as it is documented", `sha256=${hex}`],
    ["with a blank behind it", `sha256= ${hex}`],
    ["with blanks around the sign", `sha256 = ${hex}`],
    ["in capitals", `SHA256=${hex}`],
    ["in capitals with a blank", `Sha256= ${hex.toUpperCase()}`],
    ["with a tab behind it", `sha256=\t${hex}`],
  ])("is read %s", async (_what, value) => {
    expect(await verdict("github", {}, "x-hub-signature-256", value)).toBe("ok");
    expect(await verdict("generic", { header: "x-sig", prefix: "sha256=" }, "x-sig", value)).toBe("ok");
  });

  test.each<[string, string, string]>([
    ["missing", hex, "signature_malformed"],
    ["another", `sha1=${hex}`, "signature_malformed"],
    ["twice", `sha256=sha256=${hex}`, "signature_malformed"],
    ["with a blank inside the digest", `sha256=${hex.slice(0, 32)} ${hex.slice(32)}`, "signature_malformed"],
    ["without a sign", `sha256 ${hex}`, "signature_malformed"],
    ["with nothing behind it", "sha256= ", "signature_malformed"],
    ["with another digest", `sha256= ${"0".repeat(64)}`, "signature_wrong"],
  ])("is refused: %s", async (_what, value, reason) => {
    expect(await verdict("github", {}, "x-hub-signature-256", value)).toBe(reason);
  });

  test("may be set with a blank behind it, which is left out; within it a blank is a mistake", () => {
    const generic = presetNamed("generic");
    expect(checkSettings(generic, { prefix: "sha256= ", header: " X-Sig\n" })).toEqual({
      ok: true,
      value: { prefix: "sha256=", header: "X-Sig" },
    });
    expect(checkSettings(generic, { prefix: "sha 256=" })).toMatchObject({ ok: false });
    expect(checkSettings(generic, { list_item: " " })).toMatchObject({ ok: true, value: { list_item: " " } });
  });
});

describe("a shared secret", () => {
  const verdict = async (location: string, headers: Record<string, string>, text: string, value: string) => {
    const request = makeRequest(text, headers);
    const preset = presetNamed("bearer");
    const known = [{ id: "s1", value }];
    const found = await verifySignature({
      preset,
      settings: { location },
      tenant: null,
      secrets: known,
      request,
      nowMs,
    });
    return found.ok ? "ok" : found.reason;
  };
  const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString("base64")}` });

  test.each<[string, string, Record<string, string>, string, string, string]>([
    ["a pair that echo made", "basic", basic("user:pass\n"), "{}", "user:pass", "ok"],
    ["a password that echo made", "basic", basic("user:pass\r\n"), "{}", "pass", "ok"],
    ["a pair with a line break within", "basic", basic("us\ner:pass"), "{}", "user:pass", "secret_wrong"],
    ["a field with a line break behind it", "body", {}, '{"token":"abc\\n"}', "abc", "ok"],
    ["a field in a wrapped event", "body", {}, '[{"token":"abc"}]', "abc", "ok"],
    ["a field with a line break within", "body", {}, '{"token":"a\\nbc"}', "abc", "secret_wrong"],
    ["a field of white space", "body", {}, '{"token":" "}', "abc", "secret_wrong"],
  ])("of %s", async (_what, location, headers, text, value, expected) => {
    expect(await verdict(location, headers, text, value)).toBe(expected);
  });
});

describe("a Salesforce id", () => {
  test.each<[string, string]>([
    ["00D5f000006abcDEAQ", "00D5f000006abcD"],
    ["00d5f000006abcdeaq", "00D5f000006abcD"],
    ["00D5F000006ABCDEAQ", "00D5f000006abcD"],
    ["500000000000001AAA", "500000000000001"],
    ["001A0000006Vm9uIAC", "001A0000006Vm9u"],
    ["00D5f000006abcD", "00D5f000006abcD"],
    ["00D5f000006abcDEA9", "00D5f000006abcDEA9"],
    ["acme", "acme"],
    ["", ""],
  ])("%s is %s", (text, id) => {
    expect(salesforceId(text)).toBe(id);
  });

  const message = (id: string) =>
    `<Envelope><Body><notifications><OrganizationId>${id}</OrganizationId><Notification><Id>1</Id><sObject/></Notification></notifications></Body></Envelope>`;
  const verdict = async (tenant: string, id: string) => {
    const request = makeRequest(message(id), { "content-type": "text/xml" }, { key: "a-secret-of-the-source" });
    const found = await verifySignature({
      preset: presetNamed("salesforce"),
      settings: {},
      tenant,
      secrets,
      request,
      nowMs,
    });
    return found.ok ? "ok" : found.reason;
  };
  test.each<[string, string, string]>([
    ["00D5f000006abcD", "00D5f000006abcDEAQ", "ok"],
    ["00D5f000006abcDEAQ", "00D5f000006abcD", "ok"],
    ["00d5f000006abcdeaq", "00D5f000006abcDEAQ", "ok"],
    ["00D5f000006abcDEAQ", "00D5f000006abcDEAQ", "ok"],
    ["00D5f000006abcd", "00D5f000006abcDEAQ", "tenant_mismatch"],
    ["00D5f000006abcE", "00D5f000006abcDEAQ", "tenant_mismatch"],
    ["00D5f000006abcDAAA", "00D5f000006abcDEAQ", "tenant_mismatch"],
    ["00D5f000006abc", "00D5f000006abcDEAQ", "tenant_mismatch"],
  ])("of a source, %s, beside a message of %s is %s", async (tenant, id, expected) => {
    expect(await verdict(tenant, id)).toBe(expected);
  });
});
