import { describe, expect, test } from "vitest";
import { checkSettings, fullSettings } from "../../../src/crm/preset/settings.ts";
import { presets } from "../../../src/crm/presets/index.ts";
import type { JsonValue } from "../../../src/domain/json.ts";
import { presetNamed } from "../requests.ts";

const generic = presetNamed("generic");

describe("settings", () => {
  test.each<[string, JsonValue | undefined]>([
    ["none", undefined],
    ["null", null],
    ["empty", {}],
    ["seconds as a text", { tolerance: "60" }],
    ["an address", { url: "https://hooks.acme.example/in/a?b=c" }],
    ["a list", { list_part: "v1", list_item: ";", template: "{timestamp}.{body}", timestamp: "list" }],
    ["a token", { scheme: "jwt-hs256", jwt_scheme: "", jwt_audience: "{url}", jwt_expiry: "optional" }],
    ["most of them", { header: "X-Sig", hash: "sha1", encoding: "base64", prefix: "sha1=", id: "a.b", batch: "." }],
  ])("that are right are given back as they came: %s", (_what, settings) => {
    expect(checkSettings(generic, settings)).toEqual({ ok: true, value: settings ?? {} });
  });

  test.each<[string, JsonValue, string, RegExp]>([
    ["an unknown name", { hasch: "sha1" }, "hasch", /It knows: scheme, header, hash, encoding, prefix/],
    ["an inherited name", { constructor: "x" }, "constructor", /no such setting/],
    ["another hash", { hash: "md5" }, "hash", /one of: sha1, sha256, sha512/],
    ["a hash in capitals", { hash: "SHA256" }, "hash", /one of/],
    ["a number", { prefix: 1 }, "prefix", /a text/],
    ["an object", { header: {} }, "header", /a text/],
    ["a header with a space", { header: "x y" }, "header", /name of a header/],
    ["an empty header", { header: "" }, "header", /name of a header/],
    ["a header with a line break", { dedupe_header: "x\r\ny" }, "dedupe_header", /name of a header/],
    ["a prefix with a comma", { prefix: "v1," }, "prefix", /commas/],
    ["a path with a hole", { id: "a..b" }, "id", /path/],
    ["a path that never ends", { id: "a.".repeat(20).concat("a") }, "id", /16 steps/],
    ["another scheme", { scheme: "md5" }, "scheme", /one of: hmac, hash, ed25519/],
    [
      "a token that there is not",
      { template: "{bdoy}" },
      "template",
      /names \{bdoy\}; there are: \{body\} \{timestamp\}/,
    ],
    ["a template that leaves the body out", { template: "{id}" }, "template", /\{body\} or \{form\}/],
    ["a secret in an HMAC's template", { template: "{secret}{body}" }, "template", /only for the scheme hash/],
    ["a hash without its secret", { scheme: "hash", template: "{body}" }, "template", /needs \{secret\}/],
    ["a time that is not signed", { timestamp: "header" }, "template", /unsigned time proves nothing/],
    ["a signed time that is nowhere", { template: "{timestamp}{body}" }, "timestamp", /its place, header or list/],
    [
      "a time in no list",
      { timestamp: "list", template: "{timestamp}.{body}" },
      "list_part",
      /name of the list.s signature/,
    ],
    ["a list with a prefix", { list_part: "v1", prefix: "v1=" }, "prefix", /no prefix/],
    ["a word between items", { list_item: "and" }, "list_item", /one mark/],
    ["a tolerance of nothing", { tolerance: "0" }, "tolerance", /1 to 86400/],
    ["a tolerance of a year", { tolerance: 31_536_000 }, "tolerance", /1 to 86400/],
    ["a raw key of RSA", { scheme: "rsa-sha256", public_key: "raw" }, "public_key", /only for the scheme ed25519/],
    ["an address that is none", { url: "hooks.acme.example" }, "url", /URL such as https/],
    ["an address of another kind", { url: "ftp://acme.example" }, "url", /URL such as https/],
    ["a long text", { prefix: "x".repeat(201) }, "prefix", /200 characters/],
  ])("with %s are refused by name and reason", (_what, settings, path, reason) => {
    expect(checkSettings(generic, settings)).toEqual({
      ok: false,
      mistakes: [{ path, reason: expect.stringMatching(reason) }],
    });
  });

  test("tell every mistake at once, twenty at most", () => {
    expect(checkSettings(generic, { a: 1, hash: "x" })).toMatchObject({ mistakes: [{ path: "a" }, { path: "hash" }] });
    const many = Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`x${i}`, 1]));
    const result = checkSettings(generic, many);
    expect(result.ok ? 0 : result.mistakes.length).toBe(20);
  });

  test.each<[JsonValue]>([["x"], [7], [[]], [true]])("that are %j are refused as a whole", (settings) => {
    expect(checkSettings(generic, settings)).toMatchObject({ ok: false, mistakes: [{ path: "" }] });
  });

  test("of a preset without any say so", () => {
    expect(checkSettings(presetNamed("shopify"), { header: "x" })).toMatchObject({
      ok: false,
      mistakes: [{ path: "header", reason: expect.stringContaining("It knows: scheme.") }],
    });
  });

  test("of seconds may be numbers, and are kept as texts", () => {
    expect(checkSettings(generic, { tolerance: 60 })).toEqual({ ok: true, value: { tolerance: "60" } });
  });

  test("are filled with defaults when they are used, and header names are lower case then", () => {
    expect(fullSettings(generic, { header: "X-Sig" })).toMatchObject({ header: "x-sig", hash: "sha256", batch: "" });
  });
});

test("every preset's own defaults pass its own check", () => {
  for (const preset of presets.values()) {
    expect(checkSettings(preset, { ...fullSettings(preset, {}) })).toMatchObject({ ok: true });
    for (const { name } of preset.schemes)
      expect(checkSettings(preset, { ...fullSettings(preset, {}), scheme: name })).toMatchObject({ ok: true });
  }
});
