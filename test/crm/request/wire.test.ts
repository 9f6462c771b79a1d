/** Bodies as the wire brings them: compressed, in another charset, in parts, with what a template left raw. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { BodyRules } from "../../../src/crm/preset/body-rules.ts";
import { decodeBody } from "../../../src/crm/request/body.ts";
import { formFieldsMax } from "../../../src/crm/request/form.ts";
import { bodyBytesMax } from "../../../src/domain/limits.ts";
import { makeRequest } from "../requests.ts";

const nothing: BodyRules = { formats: ["json", "form", "xml"], signs: "nothing" };
const raw: BodyRules = { ...nothing, signs: "raw" };

const json = "application/json";
const lead = { type: "lead.new", phone: "+14155550100", name: "José Müller" };
const leadText = JSON.stringify(lead);

function read(body: string | Uint8Array, type: string | undefined, rules = nothing, encoding?: string) {
  const headers = {
    ...(type === undefined ? {} : { "content-type": type }),
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
  };
  return decodeBody(makeRequest(body, headers), rules);
}

function decoded(...given: Parameters<typeof read>): unknown {
  const found = read(...given);
  return found.ok ? found.value : found.reason;
}

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const utf16 = (text: string, isBig: boolean, hasMark: boolean) => {
  const bytes = Buffer.from(`${hasMark ? "\ufeff" : ""}${text}`, "utf16le");
  return new Uint8Array(isBig ? bytes.swap16() : bytes);
};

describe("a compressed body", () => {
  test.each<[string, Uint8Array, string]>([
    ["gzip", gzipSync(leadText), "gzip"],
    ["gzip, as old clients name it", gzipSync(leadText), "x-gzip"],
    ["gzip in capitals, with a name that says nothing", gzipSync(leadText), "Identity, GZIP"],
    ["deflate", deflateSync(leadText), "deflate"],
    ["deflate without its zlib header, as some clients send it", deflateRawSync(leadText), "deflate"],
    ["nothing that is compressed: a proxy inflated it and left the header", new TextEncoder().encode(leadText), "gzip"],
    ["nothing that is compressed, though the header says deflate", new TextEncoder().encode(leadText), "deflate"],
    ["nothing that is compressed, though the header says br", new TextEncoder().encode(leadText), "br"],
    ["what a sender takes for a coding", new TextEncoder().encode(leadText), "UTF-8"],
    ["what a sender takes for a coding, in words", new TextEncoder().encode(leadText), "none"],
  ])("of %s is read", (_what, body, encoding) => {
    expect(decoded(body, json, nothing, encoding)).toEqual(lead);
  });

  test("of a form and of XML is read as well", () => {
    const form = "application/x-www-form-urlencoded";
    expect(decoded(gzipSync("a=1&b=x+y"), form, nothing, "gzip")).toEqual({ a: "1", b: "x y" });
    expect(decoded(gzipSync("<a><b>1</b></a>"), "text/xml", raw, "gzip")).toEqual({ a: { b: "1" } });
  });

  test("is noted", () => {
    expect(read(gzipSync(leadText), json, nothing, "gzip")).toMatchObject({ ok: true, notes: ["inflated"] });
    expect(read(leadText, json, nothing, "gzip")).toMatchObject({ ok: true, notes: [] });
  });

  test.each<[string, Uint8Array, string, string]>([
    ["compressed twice, and says so", gzipSync(gzipSync(leadText)), "gzip, gzip", "encoding_unknown"],
    ["compressed twice, and says it once", gzipSync(gzipSync(leadText)), "gzip", "encoding_unknown"],
    ["compressed by brotli", brotliCompressSync(leadText), "br", "encoding_unknown"],
    ["compressed by zstd", zstdCompressSync(leadText), "zstd", "encoding_unknown"],
    ["cut", gzipSync(leadText).subarray(0, -9), "gzip", "encoding_broken"],
    ["damaged", Uint8Array.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7]), "gzip", "encoding_broken"],
    ["compressed, and a header that is not there", gzipSync(leadText), "identity", "not_json"],
  ])("that is %s is refused with its reason", (_what, body, encoding, reason) => {
    for (const rules of [nothing, raw]) {
      const found = read(body, json, rules, encoding);
      expect(found).toMatchObject({ ok: false, reason });
      expect(JSON.stringify(found)).not.toContain("4155550100");
    }
  });

  test("of a thousand times its size is refused, and no more is inflated than a body may have", () => {
    for (const size of [bodyBytesMax + 1, 64 * bodyBytesMax])
      for (const [encoding, bomb] of [
        ["gzip", gzipSync(Buffer.alloc(size, 0x20))],
        ["deflate", deflateSync(Buffer.alloc(size, 0x20))],
      ] as const)
        expect(read(bomb, json, raw, encoding)).toMatchObject({ ok: false, reason: "inflated_too_large" });
    expect(read(gzipSync(`"${"x".repeat(bodyBytesMax - 2)}"`), json, raw, "gzip")).toMatchObject({ ok: true });
  });

  test("of raw deflate is not read where the body is signed: it begins with nothing that shows it", () => {
    expect(decoded(deflateRawSync(leadText), json, raw, "deflate")).toBe("not_json");
  });
});

describe("a charset", () => {
  test.each<[string, Uint8Array, string]>([
    ["ISO-8859-1", latin1(leadText), "application/json; charset=ISO-8859-1"],
    ["Latin-1 by Java's name", latin1(leadText), "application/json;charset=ISO8859_1"],
    ["Latin-1 by its short name, in quotes", latin1(leadText), 'application/json; charset="latin1"'],
    ["windows-1252", latin1(leadText), "application/json; charset=Windows-1252"],
    ["windows-1252 by its old name", latin1(leadText), "application/json; charset=cp1252; v=2"],
    ["UTF-16 with a mark", utf16(leadText, false, true), json],
    ["UTF-16, big endian, with a mark", utf16(leadText, true, true), json],
    ["UTF-16 without a mark", utf16(leadText, false, false), "application/json; charset=utf-16le"],
    ["UTF-16, big endian, without a mark", utf16(leadText, true, false), "application/json; charset=UTF-16"],
    ["UTF-8 with a mark", new TextEncoder().encode(`\ufeff${leadText}`), json],
    ["UTF-8 that says it is Latin-1", new TextEncoder().encode(leadText), "application/json; charset=iso-8859-1"],
    ["UTF-8 that says what does not exist", new TextEncoder().encode(leadText), "application/json; charset=utf8mb9"],
  ])("%s is read as it was written, signed or not", (_what, body, type) => {
    expect(decoded(body, type)).toEqual(lead);
    expect(decoded(body, type, raw)).toEqual(lead);
  });

  test.each<[string, string, Uint8Array, string]>([
    ["Polish", "iso-8859-2", Uint8Array.from([0xb3, 0xf3, 0x64, 0xbc]), "łódź"],
    ["Russian", "windows-1251", Uint8Array.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]), "Привет"],
    ["Ukrainian", "koi8-u", Uint8Array.from([0xa4]), "є"],
    ["Greek", "iso-8859-7", Uint8Array.from([0xe1]), "α"],
    ["Turkish", "windows-1254", Uint8Array.from([0xfe]), "ş"],
  ])("of %s is read", (_what, charset, bytes, name) => {
    const body = Buffer.concat([Buffer.from('{"name":"'), bytes, Buffer.from('"}')]);
    expect(decoded(body, `text/json; charset=${charset}`, raw)).toEqual({ name });
  });

  test.each<[string, string, Uint8Array, string]>([
    ["Japanese", "Shift_JIS", Uint8Array.from([0x93, 0xfa, 0x96, 0x7b]), "日本"],
    ["Chinese", "GBK", Uint8Array.from([0xd6, 0xd0]), "中"],
    ["Korean", "EUC-KR", Uint8Array.from([0xc7, 0xd1]), "한"],
  ])(
    "of %s is read where nothing is signed, and refused where a header could swallow a digit",
    (_what, charset, bytes, name) => {
      const body = Buffer.concat([Buffer.from('{"name":"'), bytes, Buffer.from('"}')]);
      expect(decoded(body, `application/json; charset=${charset}`)).toEqual({ name });
      expect(decoded(body, `application/json; charset=${charset}`, raw)).toBe("charset_unknown");
    },
  );

  test("that is believed of a signed body turns no byte into a digit", () => {
    const high = Uint8Array.from({ length: 128 }, (_, index) => index + 128);
    const body = Buffer.concat([Buffer.from('{"phone":"'), high, Buffer.from('"}')]);
    const parts = Array.from({ length: 16 }, (_, index) => `iso-8859-${index + 1}`);
    const pages = Array.from({ length: 9 }, (_, index) => `windows-125${index}`);
    const others = "iso-8859-8-i koi8-r koi8-u macintosh x-mac-cyrillic ibm866 windows-874 tis-620 dos-874".split(" ");
    const believed = [...parts, ...pages, ...others].flatMap((charset) => {
      const found = read(body, `application/json; charset=${charset}`, raw);
      return found.ok ? [JSON.stringify(found.value)] : [];
    });
    expect(believed.length).toBeGreaterThan(25);
    for (const value of believed) expect(value).not.toMatch(/\p{Nd}/u);
  });

  test.each(["windows-874", "iso-8859-11", "ISO8859-11", "tis-620", "TIS_620", "dos-874"])(
    "of Thai, %s, is read where nothing is signed, and refused where a header could add a digit",
    (charset) => {
      const body = Buffer.concat([Buffer.from('{"phone":"+1415555010'), Uint8Array.of(0xf1), Buffer.from('"}')]);
      expect(decoded(body, `application/json; charset=${charset}`)).toEqual({ phone: "+1415555010๑" });
      expect(decoded(body, `application/json; charset=${charset}`, raw)).toBe("charset_unknown");
    },
  );

  test.each(["foo", "utf-7", "utf-16", "x".repeat(10_000), "ebcdic-cp-us", "__proto__"])(
    "%.20s that cannot be read is refused, and named without what could be anything",
    (charset) => {
      const found = read(latin1(leadText), `application/json; charset=${charset}<+14155550100>`);
      expect(found).toMatchObject({ ok: false, reason: "charset_unknown" });
      expect(JSON.stringify(found).length).toBeLessThan(300);
      expect(JSON.stringify(found)).not.toContain("<");
    },
  );

  test("that nobody declares leaves U+FFFD, and that is noted", () => {
    const name = { ...lead, name: "Jos\ufffd M\ufffdller" };
    for (const type of [json, undefined, "application/json; charset=utf-8", "application/json; charset="]) {
      expect(decoded(latin1(leadText), type)).toEqual(name);
      expect(read(latin1(leadText), type)).toMatchObject({ notes: ["malformed_unicode_replaced"] });
    }
  });

  test("of an XML document is what it declares, before what the header says", () => {
    const body = latin1('<?xml version="1.0" encoding="ISO-8859-1"?><a>José</a>');
    expect(decoded(body, "text/xml", raw)).toEqual({ a: "José" });
    expect(decoded(body, "text/xml; charset=windows-1251", raw)).toEqual({ a: "José" });
    expect(decoded(latin1("<a>José</a>"), "text/xml; charset=iso-8859-1", raw)).toEqual({ a: "José" });
  });

  test("of a form is that of its escapes", () => {
    const type = "application/x-www-form-urlencoded; charset=ISO-8859-1";
    expect(decoded("name=Jos%E9&city=M%FCnchen&way=caf%C3%A9", type)).toEqual({
      name: "José",
      city: "München",
      way: "café",
    });
    expect(decoded(latin1("name=José+x"), type)).toEqual({ name: "José x" });
    expect(decoded("name=Jos%E9", "application/x-www-form-urlencoded; charset=klingon")).toBe("charset_unknown");
    expect(decoded("name=Jos%E9", "application/x-www-form-urlencoded")).toEqual({ name: "Jos\ufffd" });
    expect(decoded("name=Jose%C3%A9", "application/x-www-form-urlencoded; charset=klingon")).toEqual({ name: "Joseé" });
  });
});

describe("JSON that a template wrote", () => {
  test.each<[string, string, unknown]>([
    ["a raw line break", '{"said":"It broke.\nCall me."}', { said: "It broke.\nCall me." }],
    ["a raw line break of Windows", '{"said":"a\r\nb"}', { said: "a\r\nb" }],
    ["a raw tab", '{"said":"a\tb"}', { said: "a\tb" }],
    ["a vertical tab and an escape", '{"said":"a\u000b\u001bb"}', { said: "a\u000b\u001bb" }],
    ["a raw zero byte", '{"said":"a\0b"}', { said: "a\ufffdb" }],
    ["a line break in a name", '{"sa\nid":1}', { "sa\nid": 1 }],
    ["a path of Windows", '{"said":"C:\\Users\\d"}', { said: "C:\\Users\\d" }],
    ["a backslash before a line break", '{"said":"a\\\nb"}', { said: "a\\\nb" }],
    ["half an escape", '{"said":"\\u12 and \\uzzzz"}', { said: "\\u12 and \\uzzzz" }],
    ["escapes beside raw line breaks", '{"said":"a\\n\\"b\\"\nc\\\\"}', { said: 'a\n"b"\nc\\' }],
    ["line breaks between the fields too", '{\n\t"said":\n"a\nb"\n}\n', { said: "a\nb" }],
  ])("with %s is repaired, noted, and stored as JSON", (_what, body, value) => {
    const found = read(body, json, raw);
    expect(found).toMatchObject({ ok: true, value, notes: expect.arrayContaining(["json_repaired"]) });
    if (found.ok && !body.includes("\0")) expect(JSON.parse(found.text)).toEqual(value);
  });

  test.each([
    ["a raw quotation mark: where the text ends is not guessed", '{"said":"He said "hi".\n"}'],
    ["no end", '{"said":"a\nb'],
    ["a comma too many", '{"said":"a\nb",}'],
    ["a placeholder that was not filled", '{"id": {{ticket.id}}, "said": "a\nb"}'],
    ["a line break outside of texts, and nothing else", "{\n"],
  ])("with %s is refused", (_what, body) => {
    expect(decoded(body, json)).toBe("not_json");
  });

  test("gives a customer's text no field that it would not have without the line break", () => {
    const value = decoded('{"phone":"+14155550100","said":"x\n\\", \\"phone\\": \\"+19005550100"}', json);
    expect(value).toEqual({ phone: "+14155550100", said: 'x\n", "phone": "+19005550100' });
  });

  test("of a megabyte of line breaks is one pass", () => {
    const found = read(`{"said":"${"\n".repeat(500_000)}"}`, json);
    expect(found.ok && (found.value as { said: string }).said.length).toBe(500_000);
  });
});

const parts = (boundary: string, ...fields: readonly (readonly [head: string, content: string])[]): string =>
  `${fields.map(([head, content]) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`).join("")}--${boundary}--\r\n`;
const multipart = (boundary: string) => `multipart/form-data; boundary=${boundary}`;

describe("a form of parts", () => {
  test.each<[string, string, string, unknown]>([
    [
      "JotForm's",
      parts("X1", ['name="formID"', "250001"], ['name="phone"', "(415) 555-0100"]),
      multipart("X1"),
      { formID: "250001", phone: "(415) 555-0100" },
    ],
    ["a boundary in quotes", parts("a b", ['name="a"', "1"]), 'multipart/form-data; boundary="a b"', { a: "1" }],
    [
      "another order of parameters",
      parts("b1", ['name="a"', "1"]),
      "Multipart/Form-Data; charset=utf-8; Boundary=b1",
      { a: "1" },
    ],
    [
      "names with brackets, and a name twice",
      parts("b", ['name="c[id]"', "1"], ['name="t[]"', "x"], ['name="n"', "1"], ['name="n"', "2"]),
      multipart("b"),
      { c: { id: "1" }, t: ["x"], n: ["1", "2"] },
    ],
    [
      "a text of several lines",
      parts("b", ['name="said"', "a\r\n--c\r\nb"]),
      multipart("b"),
      { said: "a\r\n--c\r\nb" },
    ],
    ["an empty value", parts("b", ['name="a"', ""]), multipart("b"), { a: "" }],
    ["letters of UTF-8", parts("b", ['name="näme"', "José 😀"]), multipart("b"), { näme: "José 😀" }],
    [
      "a field of JSON",
      parts("b", ['name="rawRequest"', '{"q3":1}'], ['name="pretty"', "x"]),
      multipart("b"),
      { rawRequest: '{"q3":1}', pretty: "x" },
    ],
    [
      "JSON in its only field, payload",
      parts("b", ['name="payload"', '{"phone":"1"}']),
      multipart("b"),
      { payload: { phone: "1" } },
    ],
    ["a name of the prototype", parts("b", ['name="__proto__"', "1"]), multipart("b"), JSON.parse('{"__proto__":"1"}')],
    ["JSON under the wrong name", leadText, multipart("b"), lead],
    ["an empty line before the first boundary", `\r\n${parts("b", ['name="a"', "1"])}`, multipart("b"), { a: "1" }],
    ["two empty lines", `\r\n\r\n${parts("b", ['name="a"', "1"])}`, multipart("b"), { a: "1" }],
    [
      "a preamble",
      `This is a message of several parts.\r\n${parts("b", ['name="a"', "1"])}`,
      multipart("b"),
      { a: "1" },
    ],
    ["a preamble with José's é", `José\r\n${parts("b", ['name="a"', "é"])}`, multipart("b"), { a: "é" }],
    [
      "a boundary in quotes after an empty line",
      `\r\n${parts("a b", ['name="a"', "1"])}`,
      'multipart/form-data; boundary="a b"',
      { a: "1" },
    ],
    ["JSON that names the boundary", '{"a":"--b"}', multipart("b"), { a: "--b" }],
  ])("is read: %s", (_what, body, type, value) => {
    expect(decoded(body, type)).toEqual(value);
  });

  test("names its files and stores nothing of them, which is noted", () => {
    const body = parts("b", ['name="photo"; filename="broken.jpg"', "JFIF"], ['name="phone"', "1"]);
    expect(read(body, multipart("b"))).toMatchObject({
      value: { photo: { filename: "broken.jpg", bytes: 4 }, phone: "1" },
      notes: ["files_left_out"],
    });
  });

  test("may have a charset for a part", () => {
    const head = 'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n';
    expect(decoded(latin1(`--b\r\n${head}José\r\n--b--`), multipart("b"))).toEqual({ a: "José" });
  });

  test.each<[string, string, string, string]>([
    ["no end", parts("b", ['name="a"', "1"]).slice(0, -6), multipart("b"), "not_multipart"],
    ["another boundary", parts("b", ['name="a"', "1"]), multipart("c"), "not_multipart"],
    ["no boundary", parts("b", ['name="a"', "1"]), "multipart/form-data", "not_multipart"],
    ["an endless header", `--b\r\n${"x".repeat(100_000)}`, multipart("b"), "not_multipart"],
    ["nothing but its beginning", "--b", multipart("b"), "not_multipart"],
    [
      "too many fields",
      parts("b", ...Array.from({ length: 10_000 }, () => ['name="a"', "1"] as const)),
      multipart("b"),
      "too_many_fields",
    ],
    [
      "one field too many",
      parts("b", ...Array.from({ length: formFieldsMax + 1 }, () => ['name="a"', ""] as const)),
      multipart("b"),
      "too_many_fields",
    ],
    ["names of too many steps", parts("b", [`name="a${"[b]".repeat(40)}"`, "1"]), multipart("b"), "too_deep"],
  ])("with %s is refused", (_what, body, type, reason) => {
    expect(decoded(body, type)).toBe(reason);
  });

  test("is refused where a signature covers the body: another boundary would read a customer's note as fields", () => {
    const note = `x\r\n--evil\r\nContent-Disposition: form-data; name="phone"\r\n\r\n+19005550100\r\n--evil--`;
    const body = parts("b", ['name="phone"', "+14155550100"], ['name="note"', note]);
    expect(decoded(body, multipart("b"), raw)).toBe("multipart_signed");
    expect(decoded(body, multipart("evil"), raw)).toBe("multipart_signed");
  });
});

describe("a form's only field, payload", () => {
  const form = "application/x-www-form-urlencoded";
  test.each<[string, string, unknown]>([
    ["an object", '{"type":"block_actions"}', { payload: { type: "block_actions" } }],
    ["an array", "[1]", { payload: [1] }],
    ["an object with a raw line break", '{"a":"b\nc"}', { payload: { a: "b\nc" } }],
    ["a text", "hello", { payload: "hello" }],
    ["broken JSON", '{"a":', { payload: '{"a":' }],
    ["a number that is too long for one", '{"n":12345678901234567890}', { payload: { n: "12345678901234567890" } }],
  ])("is read where it is %s", (_what, payload, value) => {
    expect(decoded(`payload=${encodeURIComponent(payload)}`, form, raw)).toEqual(value);
  });

  test("that nests too deep is refused, as JSON is", () => {
    const deep = `${"[".repeat(65)}${"]".repeat(65)}`;
    expect(decoded(`payload=${encodeURIComponent(deep)}`, form)).toBe("too_deep");
  });
});
