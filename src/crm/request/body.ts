/**
 * Decoding of a request's body, JSON, a form or XML, into JSON values.
 *
 * Refused: a signed multipart body, a compressed body that cannot be inflated safely, an unknown charset, too many
 * fields, too deep a nesting. No request makes the decoder throw.
 *
 * Not guaranteed: `Content-Encoding`, `Content-Type` and the multipart boundary are outside every webhook signature.
 * The decoder follows them for a signed body only if they can change neither the set of fields nor a digit. Otherwise a
 * signed body could be given another meaning (RFC 9421, section 7.2.1).
 *
 * Every reader of a request uses one decoding, so the tenant check and the event reader cannot disagree (OWASP ASVS
 * 5.0, 1.5.3).
 */

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
 * Deviations of the values from the bytes that arrived:
 * - `inflated`: the body was compressed.
 * - `charset_read`: the body was decoded from another charset than UTF-8, detected or declared.
 * - `json_repaired`: raw control characters or backslashes inside strings were escaped.
 * - `payload_parsed`: the form's only field, `payload`, held JSON.
 * - `files_left_out`: a form contained files. Their names are stored, their content is not.
 */
type BodyNote = JsonNote | "inflated" | "charset_read" | "json_repaired" | "payload_parsed" | "files_left_out";

/** A decoded body, from which events, tenants and secrets are read. */
export type DecodedBody = {
  readonly ok: true;
  readonly format: BodyFormat;
  readonly value: JsonValue;
  /** The JSON text to store. For a JSON body it is the sender's own text. */
  readonly text: string;
  readonly notes: readonly BodyNote[];
  /** Whether the values follow from the signed bytes alone. If false, an unsigned header also determines them. */
  readonly isPlain: boolean;
};

const mediaTypes: readonly (readonly [BodyFormat, RegExp])[] = [
  ["json", /^(?:application|text)\/(?:[\w.-]+\+)?json$/],
  ["form", /^application\/x-www-form-urlencoded$/],
  ["xml", /^(?:application|text)\/(?:[\w.-]+\+)?xml$/],
];

/** Decoded bodies, by request. Each body is decoded once. */
const known = new WeakMap<WebhookRequest, { rules: BodyRules; body: DecodedBody | UnreadBody }>();

/**
 * Decodes a body: inflates it, decodes its charset, and parses the text.
 *
 * @returns The decoded body. It can be stored in Postgres: numbers in forms and XML stay texts, malformed UTF-8 becomes
 *   U+FFFD.
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
  detail:
    "multipart/form-data is accepted only from senders with a shared secret, because no signature covers its boundary",
};

/** @returns The format in the content type if the scheme allows it; else the scheme's first format. */
function formatOf(
  contentType: string | null,
  text: string,
  formats: readonly [BodyFormat, ...BodyFormat[]],
): BodyFormat {
  const media = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const named = mediaTypes.find(([, form]) => form.test(media))?.[0];
  const format = named !== undefined && formats.includes(named) ? named : formats[0];
  // `curl -d` declares every body a form. A form never begins with a raw brace or angle bracket.
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
  // If the repair fails too, the error's position must refer to the sender's own text.
  if (repaired === null || again === null || !again.ok) return json;
  return { ...again, format: "json", text: repaired, notes: ["json_repaired", ...again.notes], isPlain: true };
}

/** Parses the JSON that Slack, GitHub and older tools put into a form's only field, `payload`. */
function readFields(value: JsonValue): DecodedBody | UnreadBody {
  const payload = isObject(value) && Object.keys(value).length === 1 ? value.payload : undefined;
  if (typeof payload === "string" && /^\s*[{[]/.test(payload)) {
    const json = readJsonText(payload);
    if (json.ok) return noted(asJson({ payload: json.value }, "form"), ["payload_parsed", ...json.notes]);
    if (json.reason === "too_deep") return json;
  }
  return asJson(value, "form");
}

/** Serializing and parsing the value applies the rules of a JSON body to it and makes it equal to the stored text. */
function asJson(value: JsonValue, format: BodyFormat): DecodedBody | UnreadBody {
  const json = readJson(JSON.stringify(value));
  return json.ok ? { ...json, format, text: JSON.stringify(json.value), isPlain: true } : json;
}
