import { describe, expect, test } from "vitest";
import { presets } from "../../src/crm/registry.ts";
import { checkSettings, fullSettings } from "../../src/crm/settings.ts";
import type { JsonValue } from "../../src/domain/json.ts";
import { presetNamed } from "./requests.ts";

const generic = presetNamed("generic");

describe("settings", () => {
  test.each<[string, JsonValue | undefined]>([
    ["none", undefined],
    ["null", null],
    ["empty", {}],
    ["all of them", { header: "X-Sig", hash: "sha1", encoding: "base64", prefix: "sha1=", id: "a.b", batch: "." }],
  ])("that are right are given back as they came: %s", (_what, settings) => {
    expect(checkSettings(generic, settings)).toEqual({ ok: true, value: settings ?? {} });
  });

  test.each<[string, JsonValue, string, RegExp]>([
    ["an unknown name", { hasch: "sha1" }, "hasch", /It knows: header, hash, encoding, prefix/],
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
      mistakes: [{ path: "header", reason: expect.stringContaining("has none") }],
    });
  });

  test("are filled with defaults when they are used, and header names are lower case then", () => {
    expect(fullSettings(generic, { header: "X-Sig" })).toMatchObject({ header: "x-sig", hash: "sha256", batch: "" });
  });
});

test("every preset's own defaults pass its own check", () => {
  for (const preset of presets.values()) {
    expect(checkSettings(preset, { ...fullSettings(preset, {}) })).toMatchObject({ ok: true });
  }
});
