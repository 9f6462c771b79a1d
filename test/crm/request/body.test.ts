import { describe, expect, test, vi } from "vitest";
import type { BodyFormat } from "../../../src/crm/preset/preset.ts";
import { decodeBody } from "../../../src/crm/request/body.ts";
import { formFieldsMax } from "../../../src/crm/request/form.ts";
import { makeRequest } from "../requests.ts";

const xmlElementsMax = 50_000;
type Formats = readonly [BodyFormat, ...BodyFormat[]];
const all: Formats = ["json", "form", "xml"];

function read(body: string | Uint8Array, type?: string, formats: Formats = all) {
  return decodeBody(makeRequest(body, type === undefined ? {} : { "content-type": type }), { formats, signs: "raw" });
}

function bodyValue(body: string | Uint8Array, type: string): unknown {
  const found = read(body, type);
  return found.ok ? found.value : found.reason;
}

const form = "application/x-www-form-urlencoded; charset=utf-8";
const xml = "text/xml; charset=UTF-8";

describe("the format of a body", () => {
  test.each<[string, string | undefined, string, Formats, BodyFormat | string]>([
    ["JSON that says so", "application/json; charset=utf-8", '{"a":1}', all, "json"],
    ["JSON with a suffix", "application/vnd.api+json", '{"a":1}', all, "json"],
    ["JSON in capitals", "Application/JSON", '{"a":1}', all, "json"],
    ["a form", form, "a=1", all, "form"],
    ["XML as text", "text/xml", "<a/>", all, "xml"],
    ["XML as SOAP 1.2", 'application/soap+xml; action="x"', "<a/>", all, "xml"],
    ["nothing said: the first", undefined, '{"a":1}', all, "json"],
    ["nothing said: the first, XML", undefined, "<a/>", ["xml", "json"], "xml"],
    ["a type nobody knows: the first", "text/plain", '{"a":1}', all, "json"],
    ["a type that the scheme does not know: the first", "text/xml", '{"a":1}', ["json"], "json"],
    ["a form to a scheme of JSON alone", form, "a=1", ["json"], "not_json"],
    ["JSON to a scheme of forms alone", "application/json", '{"a":1}', ["form"], "form"],
    ["what curl -d calls a form", form, ' {"a":1}', all, "json"],
    ["an array that curl -d calls a form", form, '[{"a":1}]', all, "json"],
    ["broken JSON that curl -d calls a form", form, '{"a":1', all, "not_json"],
    ["a form whose first name begins with a bracket", form, "[a]=1", all, "form"],
    ["a form of JSON, to a scheme of forms alone", form, '{"a":1}', ["form"], "form"],
  ])("is %s", (_what, type, body, formats, expected) => {
    const found = read(body, type, formats);
    expect(found.ok ? found.format : found.reason).toBe(expected);
  });

  test("is read once, whoever asks", () => {
    const request = makeRequest('{"a":1}');
    const rules = { formats: all, signs: "raw" } as const;
    expect(decodeBody(request, rules)).toBe(decodeBody(request, { ...rules }));
    expect(decodeBody(request, { ...rules, formats: ["form"] })).not.toBe(decodeBody(request, rules));
    expect(decodeBody(request, { ...rules, signs: "nothing" })).not.toBe(decodeBody(request, rules));
  });

  test.each([
    ["", undefined, "empty"],
    [" \n", form, "empty"],
    ["\uFEFF", xml, "empty"],
    ["{", "application/json", "not_json"],
    ["{", xml, "not_xml"],
  ])("of %j as %s is %s", (body, type, reason) => {
    expect(read(body, type)).toMatchObject({ ok: false, reason });
  });

  test("is never a reason to throw: bytes that are no UTF-8 become U+FFFD", () => {
    const bytes = new Uint8Array([0x22, 0xff, 0xc3, 0x28, 0x22]);
    expect(bodyValue(bytes, "application/json")).toBe("\ufffd\ufffd(");
    expect(bodyValue(new Uint8Array([0x61, 0x3d, 0xff]), form)).toEqual({ a: "\ufffd" });
    expect(bodyValue(new Uint8Array([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]), xml)).toEqual({ a: "\ufffd" });
  });
});

describe("a form", () => {
  test.each<[string, unknown]>([
    ["a=1&b=", { a: "1", b: "" }],
    ["a", { a: "" }],
    ["a=b=c%3D", { a: "b=c=" }],
    ["a=x+y%20z", { a: "x y z" }],
    ["n=12345678901234567890&t=true&z=null", { n: "12345678901234567890", t: "true", z: "null" }],
    ["a=1&a=2&a=3", { a: ["1", "2", "3"] }],
    ["contact[id]=1&contact[tags][]=a&contact[tags][]=b", { contact: { id: "1", tags: ["a", "b"] } }],
    ["contact%5Bid%5D=1", { contact: { id: "1" } }],
    ["a[]=1", { a: ["1"] }],
    ["a[0]=x&a[1]=y", { a: ["x", "y"] }],
    ["a[1]=y&a[0]=x", { a: ["x", "y"] }],
    ["a[0][k]=1&a[1][k]=3", { a: [{ k: "1" }, { k: "3" }] }],
    ["a[1]=x&a[3]=y", { a: { "1": "x", "3": "y" } }],
    ["a[9999999]=1", { a: { "9999999": "1" } }],
    ["a=1&a[b]=2", { a: { b: "2", "": "1" } }],
    ["a[b]=2&a=1&a=3", { a: { b: "2", "": ["1", "3"] } }],
    ["a[pop]=1&a=3&a=4", { a: { pop: "1", "": ["3", "4"] } }],
    ["a[b=1", { "a[b": "1" }],
    ["a[b]c=1", { "a[b]c": "1" }],
    ["a=caf%C3%A9%20%F0%9F%98%80", { a: "café 😀" }],
    ["a=%00&b=%ED%A0%80", { a: "\ufffd", b: "\ufffd\ufffd\ufffd" }],
    ["a=Jos%E9&b=100%&c=%zz&d=%4", { a: "Jos\ufffd", b: "100%", c: "%zz", d: "%4" }],
    ["payload=%7B%22a%22%3A1%7D", { payload: { a: 1 } }],
    ["payload=%7B%22a%22%3A1%7D&b=1", { payload: '{"a":1}', b: "1" }],
    ["=1&&", { "": "1" }],
  ])("%s is read", (body, value) => {
    expect(bodyValue(body, form)).toEqual(value);
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty", "length", "pop"])(
    "may name a field %s, which is a field like any other",
    (name) => {
      for (const body of [
        `${name}=1`,
        `${name}[x]=1`,
        `a[${name}]=1`,
        `a[${name}][x]=1&a[${name}][y]=2`,
        `a[]=1&a[${name}]=2`,
      ]) {
        const found = read(body, form);
        expect(found.ok && found.text).toContain(`"${name}"`);
        expect(found.ok && JSON.stringify(found.value)).toBe(found.ok && found.text);
      }
      expect(Reflect.get({}, "x")).toBeUndefined();
      expect(Reflect.get([], "x")).toBeUndefined();
    },
  );

  test.each<[string, string]>([
    ["a percent sign", "%"],
    ["half an escape", "%f"],
    ["a byte that is no UTF-8", "%E9x"],
    ["a letter cut short", "%E2%82x"],
    ["a lone surrogate", "%ED%A0%80x"],
    ["an escaped U+FFFD", "%EF%BF%BDx"],
    ["all in one run", "%FF"],
  ])("of a megabyte of %s throws at most once", (_what, unit) => {
    let thrown = 0;
    const spied = vi.spyOn(globalThis, "decodeURIComponent").mockImplementation(() => {
      thrown += 1;
      throw new URIError("malformed");
    });
    try {
      const value = unit.repeat(Math.floor(1_000_000 / unit.length));
      expect(read(`a=${value}`, form)).toMatchObject({ ok: true });
    } finally {
      spied.mockRestore();
    }
    expect(thrown).toBeLessThanOrEqual(1);
  });

  test.each<[string, string]>([
    ["100%", "100%"],
    ["%41%E9%42", "A\ufffdB"],
    ["%EF%BF%BD%", "\ufffd%"],
    ["%EF%BB%BFx%", "\ufeffx%"],
    ["%E2%82%AC%", "€%"],
    ["%C3%A9%zz%", "é%zz%"],
    ["%25%", "%%"],
    ["%C0%80", "\ufffd\ufffd"],
  ])("escaped %s is read", (escaped, value) => {
    expect(bodyValue(`a=${escaped}`, form)).toEqual({ a: value });
  });

  test(`of ${formFieldsMax} fields is read, of one more refused; and so are names of many steps`, () => {
    expect(read(Array(formFieldsMax).fill("a=1").join("&"), form)).toMatchObject({ ok: true });
    expect(
      read(
        Array(formFieldsMax + 1)
          .fill("a=1")
          .join("&"),
        form,
      ),
    ).toMatchObject({ reason: "too_many_fields" });
    expect(read(`a${"[b]".repeat(31)}=1`, form)).toMatchObject({ ok: true });
    expect(read(`a${"[b]".repeat(32)}=1`, form)).toMatchObject({ reason: "too_deep" });
    expect(read(`a${"[b]".repeat(300_000)}=1`, form)).toMatchObject({ reason: "too_deep" });
  });
});

describe("XML", () => {
  test.each<[string, unknown]>([
    ["<a>t</a>", { a: "t" }],
    ["<a/>", { a: "" }],
    ["<a> keeps its space </a>", { a: " keeps its space " }],
    ["<a><b>1</b><c>2</c></a>", { a: { b: "1", c: "2" } }],
    ["<a><b>1</b><b>2</b></a>", { a: { b: ["1", "2"] } }],
    ["<a><b>1</b><c/><b>2</b></a>", { a: { b: ["1", "2"], c: "" } }],
    ['<a b="1" c="2"/>', { a: { "@b": "1", "@c": "2" } }],
    ['<a b="1">t</a>', { a: { "@b": "1", "#text": "t" } }],
    ["<a>x<b/>y</a>", { a: { b: "", "#text": "xy" } }],
    ['<s:a xmlns:s="urn:x" xmlns="urn:y"><s:b>1</s:b></s:a>', { a: { b: "1" } }],
    ['<o xsi:type="sf:Case"><sf:Id>5</sf:Id></o>', { o: { "@type": "sf:Case", Id: "5" } }],
    [
      '<a><b xsi:nil="true"/><c xsi:nil="1"/><d xsi:nil="false">1</d></a>',
      { a: { b: null, c: null, d: { "@nil": "false", "#text": "1" } } },
    ],
    ["<a>12345678901234567890</a>", { a: "12345678901234567890" }],
    ["<a><![CDATA[<b>&amp;]]></a>", { a: "<b>&amp;" }],
    ["<a>&lt;&#65;&#x1F600;&amp;</a>", { a: "<A😀&" }],
    ["<a>\u0000x\u000b&#0;&#x1F;&#xD800;&#xFFFFFFFF;\uffff</a>", { a: "\ufffdx\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd" }],
    ["<a>\u202eright to left\u202c עברית</a>", { a: "\u202eright to left\u202c עברית" }],
    ["<__proto__><constructor>1</constructor></__proto__>", JSON.parse('{"__proto__":{"constructor":"1"}}')],
    ['<?xml version="1.0" encoding="UTF-8"?>\n<!-- c --><a b=">" c=\'/>\'/>', { a: { "@b": ">", "@c": "/>" } }],
  ])("%s is read", (body, value) => {
    expect(bodyValue(body, xml)).toEqual(value);
  });

  test.each([
    ["a document type", "<!DOCTYPE a><a/>"],
    ["an entity of its own", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'],
    ["a thousand laughs", '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'],
    ["a file of ours", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
    ["a document type behind a comment", "<!-- x --><!DOCTYPE a><a/>"],
    ["an entity that nobody defined", "<a>&nbsp;</a>"],
    ["no end", "<a><b></b>"],
    ["a wrong end", "<a></b>"],
    ["two roots", "<a/><b/>"],
    ["no XML", "hello +14155550100"],
    ["an attribute twice", '<a b="1" b="2"/>'],
  ])("with %s is refused, and nothing of it is quoted", (_what, body) => {
    const found = read(body, xml);
    expect(found).toMatchObject({ ok: false, reason: "not_xml" });
    expect(JSON.stringify(found)).not.toMatch(/4155550100|passwd|nbsp/);
  });

  test("nested 63 levels is read, deeper refused, whatever hides the depth, and at once", () => {
    const nest = (levels: number) => `${"<a>".repeat(levels)}x${"</a>".repeat(levels)}`;
    expect(read(nest(63), xml)).toMatchObject({ ok: true });
    expect(read(nest(65), xml)).toMatchObject({ reason: "too_deep" });
    expect(read("<a>".repeat(300_000), xml)).toMatchObject({ reason: "too_deep" });
    for (const veil of ["/>", "<!-- </a> -->", "<![CDATA[</a>]]>", "<?x </a> ?>", "<b c='/>' d=\"</a>\"/>", "<b/>"]) {
      expect(read(`<a>${veil}`.repeat(10_000), xml)).toMatchObject({ reason: "too_deep" });
    }
  });

  test("whose arrays make it deeper than JSON may be is refused, so that what is stored can be read again", () => {
    const twice = (levels: number): string =>
      levels === 0 ? "x" : `<a>${twice(levels - 1)}</a>${levels > 1 ? "<a/>" : ""}`;
    expect(read(`<r>${twice(40)}</r>`, xml)).toMatchObject({ reason: "too_deep" });
  });

  test("of too many elements is refused before it takes any memory", () => {
    expect(read(`<a>${"<b/>".repeat(xmlElementsMax - 1)}</a>`, xml)).toMatchObject({ ok: true });
    expect(read(`<a>${"<b/>".repeat(xmlElementsMax)}</a>`, xml)).toMatchObject({ reason: "too_many_fields" });
  });
});

test.each([
  ["+33612345678", "+33612345678"],
  ["++33612345678", "+33612345678"],
  ["+44+20+7946+0958", "+44 20 7946 0958"],
  ["%2B33612345678", "+33612345678"],
  ["%2033612345678", " 33612345678"],
  ["+0151+12345678", " 0151 12345678"],
  ["+12", " 12"],
  ["+Ada", " Ada"],
  ["+6592345678", "+6592345678"],
  ["+65%2D9234%2d5678", "+65-9234-5678"],
  ["+44%20(0)20+7946+0958", "+44 (0)20 7946 0958"],
  ["+229+97123456", "+229 97123456"],
  ["+33612345678+(work)", "+33612345678 (work)"],
  // No number of that country is so long: a person typed the blank.
  ["+4155550100", " 4155550100"],
  ["+212-555-0123", " 212-555-0123"],
  ["+3055550123", " 3055550123"],
  ["+2026-11-28+10:00", " 2026-11-28 10:00"],
  ["+1795773600", " 1795773600"],
  ["+1299.00+EUR", " 1299.00 EUR"],
  ["+12345678+is+my+order", " 12345678 is my order"],
  [`+${"1".repeat(500)}`, ` ${"1".repeat(500)}`],
])("a form's value %s is read as %j", (written, value) => {
  expect(bodyValue(`phone=${written}`, form)).toEqual({ phone: value });
  expect(bodyValue(`a=b&c[phone]=${written}`, form)).toEqual({ a: "b", c: { phone: value } });
});
