import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonValue, readJson, sanitizeText, valueAt } from "../../src/domain/json.ts";

function parsed(text: string): JsonValue {
  const read = readJson(text);
  if (!read.ok) throw new Error(read.detail);
  return read.value;
}

describe("readJson", () => {
  it("reads ordinary JSON without a note", () => {
    const text =
      '{"id": 12345, "name": "#1001", "price": 12.50, "tags": [], "ok": true, "none": null, "deep": {"π": "€😀"}}';
    expect(readJson(text)).toEqual({ ok: true, value: JSON.parse(text), notes: [] });
    expect(readJson("\uFEFF[1]")).toEqual({ ok: true, value: [1], notes: [] });
  });

  it("reads whatever JSON.stringify writes as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const read = readJson(text);
        expect(read.ok).toBe(true);
        if (read.ok && read.notes.length === 0) expect(read.value).toEqual(JSON.parse(text));
      }),
      { seed: 20_261_123, numRuns: 1_000 },
    );
  });

  it.each(["", " \n\t", "\uFEFF"])("calls %j empty", (text) => {
    expect(readJson(text)).toMatchObject({ ok: false, reason: "empty" });
  });

  it.each([
    ["<xml/>", /XML/],
    ["payload=%7B%7D&x=1", /form/],
    ['{"a": 1', /early/],
    ['{"number": "+14155550100", }', /not JSON/],
    ["{'a': 1}", /not JSON/],
    ["[1] 2", /not JSON/],
    ["NaN", /not JSON/],
    ['"raw \u0000 control"', /not JSON/],
    ["]".repeat(100), /not JSON/],
    ['"\\"', /early/],
  ])("says of %j that it is no JSON, without quoting it", (text, detail) => {
    const read = readJson(text);
    expect(read).toMatchObject({ ok: false, reason: "not_json", detail: expect.stringMatching(detail) });
    expect(JSON.stringify(read)).not.toContain("4155550100");
  });

  it("takes 64 levels and no 65th, wherever brackets in strings stand", () => {
    const nest = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
    expect(readJson(nest(64)).ok).toBe(true);
    expect(readJson(nest(65))).toMatchObject({ ok: false, reason: "too_deep" });
    expect(readJson(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`)).toMatchObject({ ok: false, reason: "too_deep" });
    expect(readJson(JSON.stringify("[{".repeat(500))).ok).toBe(true);
    expect(readJson(JSON.stringify(`\\"${"[".repeat(500)}`)).ok).toBe(true);
    expect(readJson(`[${"[],".repeat(500)}[]]`).ok).toBe(true);
  });

  it("refuses a megabyte of opening brackets without harm", () => {
    expect(readJson("[".repeat(1_000_000))).toMatchObject({ ok: false, reason: "too_deep" });
    expect(readJson('{"a":'.repeat(200_000))).toMatchObject({ ok: false, reason: "too_deep" });
  });

  it.each<[string, JsonValue]>([
    ["9007199254740991", 9_007_199_254_740_991],
    ["9007199254740992", "9007199254740992"],
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["12345678901234567890", "12345678901234567890"],
    ["1234567890123456", 1_234_567_890_123_456],
    ["0.1234567890123456789", 0.123_456_789_012_345_68],
    ["1e400", "1e400"],
    ["-1.5E+0400", "-1.5E+0400"],
    ["1e21", 1e21],
    ['"12345678901234567890"', "12345678901234567890"],
  ])("keeps every digit of %s", (source, value) => {
    expect(parsed(`{"list": [1, {"id": ${source}}]}`)).toEqual({ list: [1, { id: value }] });
  });

  it("notes that a number became text", () => {
    expect(readJson("[9007199254740993, 12345678901234567]")).toMatchObject({ notes: ["large_number_kept_as_text"] });
    expect(readJson("[1234567890123456]")).toMatchObject({ notes: [] });
  });

  it("replaces NUL in strings and keys and notes it", () => {
    expect(readJson('{"a\\u0000": ["x\\u0000y", {"b": "\\u0000"}]}')).toEqual({
      ok: true,
      value: { "a\uFFFD": ["x\uFFFDy", { b: "\uFFFD" }] },
      notes: ["nul_replaced"],
    });
    expect(readJson('"\\\\u0000"')).toEqual({ ok: true, value: "\\u0000", notes: [] });
  });

  it("replaces lone surrogates, escaped or raw, and keeps pairs", () => {
    expect(readJson('["\\ud83d", "\\uDE00x", "\\ud83d\\ude00"]')).toEqual({
      ok: true,
      value: ["\uFFFD", "\uFFFDx", "😀"],
      notes: ["malformed_unicode_replaced"],
    });
    expect(readJson('{"k\uD800": 1}')).toEqual({
      ok: true,
      value: { "k\uFFFD": 1 },
      notes: ["malformed_unicode_replaced"],
    });
    expect(readJson('"\\ud83d\\ude00"')).toEqual({ ok: true, value: "😀", notes: [] });
  });

  it.each([
    ["on the short way", ""],
    ["when numbers are kept", ', "id": 9007199254740993'],
    ["when texts are cleaned", ', "text": "\\u0000"'],
  ])("lets no key pollute anything, %s", (_way, more) => {
    const value = parsed(`{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}${more}}`);
    expect(Object.hasOwn({ ...Object(value) }, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(Reflect.get(Object(value), "polluted")).toBeUndefined();
    expect(valueAt(value, "__proto__.polluted")).toBe(1);
  });

  it("gives nothing that Postgres or UTF-8 refuses, and is done at once", () => {
    const part = fc.constantFrom("\\u0000", "\\ud800", "\\udc00", "a", "\\\\", '\\"', "\\n", "😀", "{", "]");
    const text = fc
      .array(part, { maxLength: 12 })
      .map((parts) => `{"${parts.join("")}": ["${parts.toReversed().join("")}"]}`);
    fc.assert(
      fc.property(text, (source) => {
        const value = parsed(source);
        const written = JSON.stringify(value);
        expect(written).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/);
        expect(readJson(written)).toEqual({ ok: true, value, notes: [] });
      }),
      { seed: 20_261_123, numRuns: 1_000 },
    );
  });
});

describe("valueAt", () => {
  const value: JsonValue = { customer: { phones: [{ number: "1" }, null], "": 2 }, zero: 0, none: null, text: "abc" };

  it.each<[string, JsonValue]>([
    ["customer.phones.0.number", "1"],
    ["customer.phones.1", null],
    ["customer.", 2],
    ["zero", 0],
    ["none", null],
    ["", value],
  ])("finds %j", (path, found) => {
    expect(valueAt(value, path)).toEqual(found);
  });

  it.each([
    "missing",
    "customer.phones.2",
    "customer.phones.00",
    "customer.phones.-1",
    "customer.phones.length",
    "customer.phones.map",
    "customer.constructor",
    "__proto__",
    "__proto__.toString",
    "toString",
    "text.length",
    "text.0",
    "none.x",
    "zero.x",
    "customer..",
    "customer.phones.0.number.0",
  ])("finds nothing at %j", (path) => {
    expect(valueAt(value, path)).toBeUndefined();
  });
});

describe("sanitizeText", () => {
  it("replaces what Postgres refuses and nothing else", () => {
    expect(sanitizeText("a\0b\uD800c\n\t\u0001😀")).toBe("a\uFFFDb\uFFFDc\n\t\u0001😀");
  });
});
