/** Secrets that were pasted into an address. */
import { describe, expect, test } from "vitest";
import { verifySignature } from "../../../src/crm/signature/verify.ts";
import { doorAddress } from "../../../src/http/door-address.ts";
import { asWritten } from "../../../src/http/request-url.ts";
import { makeRequest, nowMs, presetNamed } from "../requests.ts";

const origin = "https://hooks.example.com";
const bearer = presetNamed("bearer");

async function verdict(location: "query" | "path", secret: string, path: string): Promise<string> {
  const url = new URL(origin + path).href;
  const request = makeRequest("{}", {}, { ...asWritten(url, origin), key: doorAddress(url)?.key ?? null });
  const secrets = [{ id: "s1", value: secret }];
  const found = await verifySignature({
    preset: bearer,
    settings: { location },
    tenant: null,
    secrets,
    request,
    nowMs,
  });
  return found.ok ? "ok" : found.reason;
}

const base64 = "q+Z/abcDEF0123456789+ghiJKL==";

describe("a secret in an address", () => {
  test.each<[string, "query" | "path", string, string]>([
    ["pasted into the query as it is", "query", base64, `/in/a?token=${base64}`],
    ["encoded in the query", "query", base64, `/in/a?token=${encodeURIComponent(base64)}`],
    ["encoded twice in the query", "query", base64, `/in/a?token=${encodeURIComponent(encodeURIComponent(base64))}`],
    ["with its plus as an escaped blank", "query", base64, `/in/a?token=${base64.replaceAll("+", "%20")}`],
    ["with a slash more at the end", "query", "plain-secret", "/in/a/?token=plain-secret/"],
    ["pasted into the path as it is", "path", base64, `/in/a/${base64}`],
    ["encoded in the path", "path", base64, `/in/a/${encodeURIComponent(base64)}`],
    ["in the path with a slash more", "path", base64, `/in/a/${base64}/`],
    ["in the path behind a doubled slash", "path", "plain-secret", "/in/a//plain-secret"],
    ["that begins and ends with a slash", "path", "/abc/def/", "/in/a//abc/def/"],
    ["that has a doubled slash", "path", "ab//cd", "/in/a/ab//cd"],
    ["with a line break at its end", "query", "plain-secret", "/in/a?token=plain-secret%0A"],
    ["in the path with a line break at its end", "path", base64, `/in/a/${encodeURIComponent(`${base64}\r\n`)}`],
    ["that holds a blank", "query", "a b", "/in/a?token=a%20b"],
    ["that looks encoded and is not", "query", "100%25", "/in/a?token=100%2525"],
    ["that holds a percent sign", "query", "50%off", "/in/a?token=50%25off"],
  ])("is right %s", async (_what, location, secret, path) => {
    expect(await verdict(location, secret, path)).toBe("ok");
  });

  test.each<[string, "query" | "path", string, string]>([
    ["in other capitals", "query", base64, `/in/a?token=${base64.toLowerCase()}`],
    ["cut", "query", base64, "/in/a?token=q+Z/abcDEF"],
    ["with more behind it", "path", "abc", "/in/a/abc/def"],
    ["with less slashes inside", "path", "ab//cd", "/in/a/ab/cd"],
    ["with a blank where the secret has none", "query", "ab", "/in/a?token=a+b"],
    ["of slashes alone", "query", "abc", "/in/a?token=///"],
  ])("is wrong %s", async (_what, location, secret, path) => {
    expect(await verdict(location, secret, path)).toBe("secret_wrong");
  });

  test("is not read with a plus in a header, where a blank is a blank", async () => {
    const request = makeRequest("{}", { authorization: "Bearer q Z" });
    const secrets = [{ id: "s1", value: "q+Z" }];
    const given = { preset: bearer, settings: {}, tenant: null, secrets, request, nowMs };
    expect(await verifySignature(given)).toMatchObject({ ok: false, reason: "secret_wrong" });
  });
});
