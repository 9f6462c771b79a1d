/** Input of attackers, customers and broken senders: texts, JSON, forms, XML, bytes, headers. All by fast-check, from a seed. */
import fc, { type Arbitrary } from "fast-check";

/** Each of these has broken a webhook receiver before. */
export const nastyTexts = [
  "\0",
  "a\0b",
  "\ud800",
  "\udc00x",
  "\ud83d",
  "😀",
  "👩‍👩‍👧‍👦",
  "e\u0301",
  "\ufeff",
  "\u2028",
  "\u202eevil\u202c",
  "\u2066x\u2069",
  "עברית",
  "العربية",
  "\u200b",
  "\r\n",
  "\t",
  "\u001b[31m",
  "\u0007",
  "",
  " ",
  "x".repeat(201),
  "😀".repeat(120),
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "length",
  "pop",
  "9007199254740993",
  "-9007199254740993",
  "1e400",
  "-0",
  "NaN",
  "Infinity",
  "true",
  "null",
  "undefined",
  "[object Object]",
  "{{ data.id }}",
  "{% for i in (1..99999) %}x{% endfor %}",
  "{{ 'a' | append: data.x }}",
  "#{7*7}",
  "<script>alert(1)</script>",
  "]]>",
  "<!--",
  "&amp;",
  "&#0;",
  "%00",
  "%ff",
  "%",
  "&",
  "=",
  "a=1&b=2",
  "'; drop table events; --",
  '"',
  "\\",
  "\\u0000",
  "+14155550100",
  "911",
  "+1 900 555 0123",
  "٠٥٠١٢٣٤٥٦٧",
  "1-800-FLOWERS",
  "2026-11-02T15:04:05Z",
  "1793631845",
  "1793631845000",
  "0",
  "N/A",
  "sha256=",
  "Bearer ",
  "data.a.b",
  "*",
  ".",
  "..",
  "a..b",
] as const;

export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<string>(...nastyTexts) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 24 }) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 24 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom<string>(...nastyTexts), { maxLength: 5 }).map((parts) => parts.join("")),
  },
);

/** Names that presets look for, and those that no object should have. */
const names = [
  "id",
  "ids",
  "type",
  "event",
  "events",
  "data",
  "object",
  "token",
  "secret",
  "SessionId",
  "payload",
  "customer",
  "phone",
  "time",
  "timestamp",
  "team_id",
  "challenge",
  "meta",
  "items",
  "a",
  "b",
  "0",
  "1",
  "-1",
  "999999999",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "length",
  "",
  " ",
  "a.b",
  "a[b]",
  "\0",
  "\ud800",
  "😀",
  "ключ",
] as const;

export const hostileName: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<string>(...names) },
  { weight: 1, arbitrary: hostileText },
);

const numberText = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "1",
    "1.5",
    "1e21",
    "1e400",
    "-1e-400",
    "9007199254740991",
    "9007199254740993",
    "123456789012345678901234567890",
    "1793631845",
    "1793631845000",
  ),
  fc.integer().map(String),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => JSON.stringify(value)),
);

/** JSON as text: only a text has numbers beyond 2^53, names that come twice, and escapes of half a character. */
export const jsonAtom: Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: hostileText.map((text) => JSON.stringify(text)) },
  { weight: 3, arbitrary: numberText },
  { weight: 1, arbitrary: fc.constantFrom("true", "false", "null") },
);

export const jsonObject = (value: Arbitrary<string>): Arbitrary<string> =>
  fc.array(fc.tuple(hostileName, value), { maxLength: 5 }).map(
    (fields) =>
      `{${withoutDoubledNumbers(fields)
        .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
        .join(",")}}`,
  );

/**
 * A name may come twice, but not with a number: of `{"a":1.5,"a":2.5}` V8's `JSON.parse` takes the last at first, and the first once
 * it has seen such objects. No reader of ours parses a request twice.
 */
export function withoutDoubledNumbers(fields: readonly [string, string][]): readonly [string, string][] {
  const isNumber = (text: string): boolean => /^[-\d]/.test(text);
  return fields.filter(([name, text], index) =>
    fields.every(
      ([other, more], place) =>
        place >= index || other.toWellFormed() !== name.toWellFormed() || (!isNumber(text) && !isNumber(more)),
    ),
  );
}

const jsonArray = (value: Arbitrary<string>): Arbitrary<string> =>
  fc.array(value, { maxLength: 5 }).map((items) => `[${items.join(",")}]`);

export const jsonTree: Arbitrary<string> = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    jsonAtom,
    jsonArray(tie("tree")),
    jsonObject(tie("tree")),
  ),
})).tree;

/** Deeper than anybody nests, up to what would overflow a recursive reader. */
const deepText = fc
  .tuple(
    fc.constantFrom(["[", "]"], ['{"a":', "}"], ["<a>", "</a>"], ['{"a":[', "]}"]),
    fc.constantFrom(31, 32, 62, 63, 64, 65, 66, 200, 20_000),
    jsonAtom,
  )
  .map(([[open, close], levels, inner]) => `${open?.repeat(levels)}${inner}${close?.repeat(levels)}`);

const escapedName = hostileName.map((name) => encodeURIComponent(name.toWellFormed()));
const formName = fc.oneof(
  escapedName,
  fc
    .tuple(escapedName, fc.array(escapedName, { maxLength: 3 }))
    .map(([head, steps]) => head + steps.map((step) => `[${step}]`).join("")),
  fc.tuple(escapedName, escapedName).map(([head, step]) => `${head}%5B${step}%5D`),
  hostileText,
);
const formValue = fc.oneof(
  hostileText.map((text) => encodeURIComponent(text.toWellFormed())),
  hostileText,
  jsonTree,
);

export const formText: Arbitrary<string> = fc
  .array(fc.tuple(formName, formValue), { maxLength: 12 })
  .map((fields) => fields.map(([name, value]) => `${name}=${value}`).join("&"));

const xmlName = fc.constantFrom(
  "a",
  "b",
  "Id",
  "ns:a",
  "sf:Id",
  "Notification",
  "SessionId",
  "__proto__",
  "constructor",
  "Envelope",
  "Body",
  "é",
);
const xmlWritten = fc.oneof(
  hostileText.map((text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")),
  hostileText.map((text) => `<![CDATA[${text.replaceAll("]]>", "")}]]>`),
  fc.constantFrom("&#0;", "&#xD800;", "&#65;", "&amp;", "<!-- x -->", "<?pi x?>", "&unknown;", ""),
);
const xmlAttribute = fc
  .tuple(
    fc.constantFrom("xsi:nil", "xsi:type", "id", "xmlns", "xmlns:sf", "__proto__", "token"),
    fc.constantFrom("true", "1", "x>y", "/>", "", "a&amp;b"),
  )
  .map(([name, value]) => ` ${name}="${value}"`);
const xmlTree = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc
    .tuple(
      xmlName,
      fc.option(xmlAttribute, { nil: "" }),
      fc.array(fc.oneof({ depthSize: "small" }, xmlWritten, tie("tree")), { maxLength: 4 }),
    )
    .map(([name, attribute, inner]) => `<${name}${attribute}>${inner.join("")}</${name}>`),
})).tree;

const xmlText: Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(
      "",
      '<?xml version="1.0"?>',
      "\ufeff",
      "<!DOCTYPE a>",
      '<!DOCTYPE a [<!ENTITY x "y">]>',
      "<!-- x -->",
    ),
    xmlTree,
  )
  .map(([prologue, tree]) => prologue + tree);

/** A body that something went wrong with on its way. */
const broken = (text: Arbitrary<string>): Arbitrary<string> =>
  fc.tuple(text, fc.nat(), hostileText).map(([whole, at, what]) => {
    const cut = whole.length === 0 ? 0 : at % whole.length;
    return at % 3 === 0 ? whole.slice(0, cut) : whole.slice(0, cut) + what + whole.slice(cut);
  });

export const bodyText: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: jsonTree },
  { weight: 4, arbitrary: jsonObject(jsonTree) },
  { weight: 4, arbitrary: formText },
  { weight: 4, arbitrary: xmlText },
  { weight: 1, arbitrary: deepText },
  { weight: 2, arbitrary: broken(fc.oneof(jsonTree, formText, xmlText)) },
  { weight: 1, arbitrary: hostileText },
);

/** Bytes of a body: of a text, of a text with something in it that is no UTF-8, or any. */
export const bodyBytes: Arbitrary<Uint8Array> = fc.oneof(
  { weight: 8, arbitrary: bodyText.map(utf8) },
  {
    weight: 1,
    arbitrary: fc.tuple(bodyText, fc.nat(), fc.uint8Array({ maxLength: 4 })).map(([text, at, what]) => {
      const bytes = utf8(text);
      const cut = bytes.length === 0 ? 0 : at % bytes.length;
      return Uint8Array.from([...bytes.subarray(0, cut), ...what, ...bytes.subarray(cut)]);
    }),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
);

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const contentType: Arbitrary<string | undefined> = fc.option(
  fc.constantFrom(
    "application/json",
    "application/json; charset=utf-8",
    "application/x-www-form-urlencoded",
    "text/xml; charset=UTF-8",
    "application/soap+xml",
    "text/plain",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
    "",
    ";",
    "APPLICATION/JSON",
    "application/vnd.a+json",
    "__proto__",
  ),
  { nil: undefined },
);

/** @param wanted names that the preset under test looks at */
export function headersOf(wanted: readonly string[]): Arbitrary<Record<string, string>> {
  const name = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom("authorization", "idempotency-key", "x-event-type", "user-agent", ...wanted),
    },
    { weight: 1, arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "cookie") },
  );
  const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
  const value = fc.oneof(
    hostileText,
    hex,
    fc.base64String({ maxLength: 48 }),
    fc
      .tuple(
        fc.constantFrom(
          "sha256=",
          "sha1=",
          "v0=",
          "v1=",
          "t=1,v1=",
          "t=1793631850,v1=",
          "ts=1793631850;h1=",
          "v1,",
          "Bearer ",
          "Basic ",
          "hmac-sha256=",
        ),
        fc.oneof(hex, fc.base64String({ maxLength: 48 }), hostileText),
      )
      .map((parts) => parts.join("")),
    fc.constantFrom("1793631850", "1793631850000", "2026-11-02T15:04:10Z"),
  );
  return fc
    .tuple(fc.array(fc.tuple(name, value), { maxLength: 6 }), contentType)
    .map(([fields, type]) =>
      Object.fromEntries([...fields, ...(type === undefined ? [] : [["content-type", type] as const])]),
    );
}
