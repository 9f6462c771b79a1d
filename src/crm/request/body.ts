/** From the bytes of a request to JSON values, whatever they are written in. Never throws for anything that a request holds. */

import type { UnreadableReason, WebhookRequest } from "../../domain/events/webhook.ts";
import { type JsonNote, type JsonValue, readJson } from "../../domain/json.ts";
import type { BodyFormat } from "../preset/preset.ts";
import { decodeForm } from "./form.ts";
import { headerOf } from "./paths.ts";
import { readXml } from "./xml.ts";

/** A body that was read: what every place, tenant and text looks into. */
export type DecodedBody = {
  readonly ok: true;
  readonly format: BodyFormat;
  readonly value: JsonValue;
  /** The JSON text that is kept: the sender's own where it wrote JSON. */
  readonly text: string;
  readonly notes: readonly JsonNote[];
};

/** `detail` is one sentence for the operator, and quotes nothing of the body. */
export type UnreadBody = { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };

const mediaTypes: readonly (readonly [BodyFormat, RegExp])[] = [
  ["json", /^(?:application|text)\/(?:[\w.-]+\+)?json$/],
  ["form", /^application\/x-www-form-urlencoded$/],
  ["xml", /^(?:application|text)\/(?:[\w.-]+\+)?xml$/],
];

/**
 * A body is read once: its tenant, a secret inside of it and its events come from the same values, so that no two readers can
 * understand it differently.
 */
const known = new WeakMap<WebhookRequest, { formats: readonly BodyFormat[]; body: DecodedBody | UnreadBody }>();

/**
 * @param formats Those that the scheme knows.
 * @returns What the body says, fit to be stored: a number of a form or of XML stays a text, malformed UTF-8 becomes U+FFFD.
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
  // `curl -d` calls whatever it sends a form, and no form begins with a raw brace.
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
  // Written and read again as JSON it is under the same rules, and whoever reads the stored text finds the same.
  const json = readJson(JSON.stringify(read.value));
  return json.ok ? { ...json, format, text: JSON.stringify(json.value) } : json;
}
