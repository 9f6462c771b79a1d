/** Decodes a request's body, JSON, a form or XML, into JSON values. No request makes it throw. */

import type { WebhookRequest } from "../../domain/events/webhook.ts";
import { isObject, type JsonNote, type JsonValue, readJson } from "../../domain/json.ts";
import type { BodyRules } from "../preset/body-rules.ts";
import type { BodyFormat } from "../preset/preset.ts";
import { bodyText, charsetOf, escapesDecoder, unknownCharset } from "./charset.ts";
import { decodeForm } from "./form.ts";
import { inflatedBody } from "./inflate.ts";
import { holdsParts, isMultipart, readMultipart } from "./multipart.ts";
import { headerOf } from "./paths.ts";
import { repairedJson } from "./template-json.ts";
import type { UnreadBody } from "./unread-body.ts";
import { readXml } from "./xml.ts";

/**
 * Changes on the way from the bytes to the values:
 * - `inflated`: the body was compressed.
 * - `charset_read`: it was not UTF-8, and read in the charset that it shows or that is declared.
 * - `json_repaired`: raw control characters or backslashes in texts were escaped.
 * - `payload_parsed`: the form's only field, `payload`, held JSON.
 * - `files_left_out`: files of a form are named, and their content is not stored.
 */
type BodyNote = JsonNote | "inflated" | "charset_read" | "json_repaired" | "payload_parsed" | "files_left_out";

/** A decoded body, from which events, tenants and secrets are read. */
export type DecodedBody = {
  readonly ok: true;
  readonly format: BodyFormat;
  readonly value: JsonValue;
  /** The JSON text to store: the sender's own for a JSON body. */
  readonly text: string;
  readonly notes: readonly BodyNote[];
  /** Whether the signed bytes alone say what the values are. Else an unsigned header has a say in it. */
  readonly isPlain: boolean;
};

const mediaTypes: readonly (readonly [BodyFormat, RegExp])[] = [
  ["json", /^(?:application|text)\/(?:[\w.-]+\+)?json$/],
  ["form", /^application\/x-www-form-urlencoded$/],
  ["xml", /^(?:application|text)\/(?:[\w.-]+\+)?xml$/],
];

/**
 * Decoded bodies, by request. A body is decoded once, so that its tenant, its secret and its events are read from the same values.
 */
const known = new WeakMap<WebhookRequest, { rules: BodyRules; body: DecodedBody | UnreadBody }>();

/**
 * Decodes a body: inflates it, reads its text in its charset, and parses that.
 *
 * `Content-Encoding`, the charset and a boundary are signed by nobody. So of a body that is signed the bytes decide, and a header is
 * believed only where it can change neither which fields there are nor a digit of them.
 *
 * @returns The decoded body, which can be stored: a number in a form or in XML stays a text, malformed UTF-8 becomes U+FFFD.
 */
export function decodeBody(request: WebhookRequest, rules: BodyRules): DecodedBody | UnreadBody {
  const before = known.get(request);
  if (before !== undefined && isSame(before.rules, rules)) return before.body;
  const body = readBody(request, rules);
  known.set(request, { rules, body });
  return body;
}

function isSame(one: BodyRules, other: BodyRules): boolean {
  return one === other || (one.signs === other.signs && one.formats.join() === other.formats.join());
}

function readBody(request: WebhookRequest, rules: BodyRules): DecodedBody | UnreadBody {
  const inflated = inflatedBody(request, rules.signs);
  if (!inflated.ok) return inflated;
  const { bytes, wasInflated } = inflated;
  const contentType = headerOf(request.headers, "content-type");
  const mayHoldParts = contentType !== null && isMultipart(contentType) && rules.formats.includes("form");
  if (mayHoldParts && holdsParts(bytes, contentType)) {
    if (rules.signs !== "nothing") return multipartSigned;
    const form = readMultipart(bytes, contentType);
    if (!form.ok) return form;
    return noted(readFields(form.value), [
      ...(wasInflated ? (["inflated"] as const) : []),
      ...(form.filesLeftOut ? (["files_left_out"] as const) : []),
    ]);
  }
  const text = bodyText(bytes, contentType, rules.signs);
  if (!text.ok) return text;
  const read = readText(text.text, formatOf(contentType, text.text, rules.formats), contentType, rules.signs);
  const isCovered = text.isUtf8 && !(wasInflated && rules.signs === "raw");
  if (!wasInflated && isCovered) return read;
  return noted(read.ok ? { ...read, isPlain: read.isPlain && isCovered } : read, [
    ...(wasInflated ? (["inflated"] as const) : []),
    ...(text.wasDeclared ? (["charset_read"] as const) : []),
    ...(text.isMalformed ? (["malformed_unicode_replaced"] as const) : []),
  ]);
}

function noted(read: DecodedBody | UnreadBody, notes: readonly BodyNote[]): DecodedBody | UnreadBody {
  return read.ok && notes.length > 0 ? { ...read, notes: [...notes, ...read.notes] } : read;
}

const multipartSigned: UnreadBody = {
  ok: false,
  reason: "multipart_signed",
  detail: "multipart/form-data is read only from senders that present a secret: no signature covers its boundary",
};

/** @returns The format that the content type names, if the scheme knows it; else the scheme's first. */
function formatOf(
  contentType: string | null,
  text: string,
  formats: readonly [BodyFormat, ...BodyFormat[]],
): BodyFormat {
  const media = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const named = mediaTypes.find(([, form]) => form.test(media))?.[0];
  const format = named !== undefined && formats.includes(named) ? named : formats[0];
  // `curl -d` declares any body a form, and no form begins with a raw brace or a raw angle bracket.
  if (format === "form" && formats.includes("xml") && /^\s*</.test(text)) return "xml";
  return format === "form" && formats.includes("json") && /^\s*(?:\{|\[\s*[[{"\]])/.test(text) ? "json" : format;
}

function readText(
  text: string,
  format: BodyFormat,
  contentType: string | null,
  signs: BodyRules["signs"],
): DecodedBody | UnreadBody {
  if (format === "json") return readJsonText(text);
  if (/^\s*$/.test(text)) return { ok: false, reason: "empty", detail: "the body is empty" };
  if (format === "form") {
    const form = decodeForm(text, escapesDecoder(contentType, signs));
    if (form === "charset_unknown") return unknownCharset(charsetOf(contentType) ?? "");
    if (!form.ok) return form;
    const fields = readFields(form.value);
    return fields.ok ? { ...fields, isPlain: form.isUtf8 } : fields;
  }
  const xml = readXml(text);
  return xml.ok ? asJson(xml.value, format) : xml;
}

function readJsonText(text: string): DecodedBody | UnreadBody {
  const json = readJson(text);
  if (json.ok) return { ...json, format: "json", text, isPlain: true };
  const repaired = json.reason === "not_json" ? repairedJson(text) : null;
  const again = repaired === null ? null : readJson(repaired);
  // The place of the mistake is that of the sender's own text.
  if (repaired === null || again === null || !again.ok) return json;
  return { ...again, format: "json", text: repaired, notes: ["json_repaired", ...again.notes], isPlain: true };
}

/** Slack, GitHub and older tools write their JSON into a form's only field: it is read as if the form had been JSON. */
function readFields(value: JsonValue): DecodedBody | UnreadBody {
  const payload = isObject(value) && Object.keys(value).length === 1 ? value.payload : undefined;
  if (typeof payload === "string" && /^\s*[{[]/.test(payload)) {
    const json = readJsonText(payload);
    if (json.ok) return noted(asJson({ payload: json.value }, "form"), ["payload_parsed", ...json.notes]);
    if (json.reason === "too_deep") return json;
  }
  return asJson(value, "form");
}

/** Serialized and parsed as JSON, the value follows the same rules as a JSON body and equals the stored text. */
function asJson(value: JsonValue, format: BodyFormat): DecodedBody | UnreadBody {
  const json = readJson(JSON.stringify(value));
  return json.ok ? { ...json, format, text: JSON.stringify(json.value), isPlain: true } : json;
}
