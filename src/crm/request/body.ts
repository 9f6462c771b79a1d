/** Decodes a request's body, JSON, a form or XML, into JSON values. No request makes it throw. */

import type { UnreadableReason, WebhookRequest } from "../../domain/events/webhook.ts";
import { type JsonNote, type JsonValue, readJson } from "../../domain/json.ts";
import type { BodyFormat } from "../preset/preset.ts";
import { decodeForm } from "./form.ts";
import { headerOf } from "./paths.ts";
import { readXml } from "./xml.ts";

/** A decoded body, from which events, tenants and secrets are read. */
export type DecodedBody = {
  readonly ok: true;
  readonly format: BodyFormat;
  readonly value: JsonValue;
  /** The JSON text to store: the sender's own for a JSON body. */
  readonly text: string;
  readonly notes: readonly JsonNote[];
};

/** `detail` is one sentence for the operator. It quotes nothing of the body. */
export type UnreadBody = { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };

const mediaTypes: readonly (readonly [BodyFormat, RegExp])[] = [
  ["json", /^(?:application|text)\/(?:[\w.-]+\+)?json$/],
  ["form", /^application\/x-www-form-urlencoded$/],
  ["xml", /^(?:application|text)\/(?:[\w.-]+\+)?xml$/],
];

/**
 * Decoded bodies, by request. A body is decoded once, so that its tenant, its secret and its events are read from the same values.
 */
const known = new WeakMap<WebhookRequest, { formats: readonly BodyFormat[]; body: DecodedBody | UnreadBody }>();

/**
 * @param formats The scheme's formats.
 * @returns The decoded body, which can be stored: a number in a form or in XML stays a text, malformed UTF-8 becomes U+FFFD.
 */
export function decodeBody(
  request: WebhookRequest,
  formats: readonly [BodyFormat, ...BodyFormat[]],
): DecodedBody | UnreadBody {
  const before = known.get(request);
  if (before !== undefined && before.formats.join() === formats.join()) return before.body;
  const text = new TextDecoder().decode(request.body);
  const body = readText(text, formatOf(headerOf(request.headers, "content-type"), text, formats));
  known.set(request, { formats, body });
  return body;
}

/** @returns The format that the content type names, if the scheme knows it; else the scheme's first. */
function formatOf(
  contentType: string | null,
  text: string,
  formats: readonly [BodyFormat, ...BodyFormat[]],
): BodyFormat {
  const media = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const named = mediaTypes.find(([, form]) => form.test(media))?.[0];
  const format = named !== undefined && formats.includes(named) ? named : formats[0];
  // `curl -d` declares any body a form, and no form begins with a raw brace.
  return format === "form" && formats.includes("json") && /^\s*(?:\{|\[\s*[[{"\]])/.test(text) ? "json" : format;
}

function readText(text: string, format: BodyFormat): DecodedBody | UnreadBody {
  if (format === "json") {
    const json = readJson(text);
    return json.ok ? { ...json, format, text } : json;
  }
  if (/^\s*$/.test(text)) return { ok: false, reason: "empty", detail: "the body is empty" };
  const read = format === "form" ? decodeForm(text) : readXml(text);
  if (!read.ok) return read;
  // Serialized and parsed as JSON, the value follows the same rules as a JSON body and equals the stored text.
  const json = readJson(JSON.stringify(read.value));
  return json.ok ? { ...json, format, text: JSON.stringify(json.value) } : json;
}
