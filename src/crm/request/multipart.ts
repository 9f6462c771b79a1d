/** `multipart/form-data` (RFC 7578): how form plugins and JotForm send, and nothing else of theirs can be chosen. */
import { MaxPartsExceededError, MultipartParseError, parseMultipart } from "@remix-run/multipart-parser";
import { type JsonValue, sanitizeText } from "../../domain/json.ts";
import { bodyBytesMax } from "../../domain/limits.ts";
import { bodyText } from "./charset.ts";
import { formFieldsMax, formValue, tooManyFields } from "./form.ts";
import type { UnreadBody } from "./unread-body.ts";

/** Characters of a boundary (RFC 2046, section 5.1.1). */
const boundary = /;\s*boundary\s*=\s*(?:"([\x20-\x7e]{1,70}?)"|([^\s";,]{1,70}))/i;

/** Bytes of one part's headers. */
const partHeaderBytesMax = 4_096;

/** A form of parts. `filesLeftOut`: files are named, and their content is not stored. */
type Multipart = { readonly ok: true; readonly value: JsonValue; readonly filesLeftOut: boolean };

/** @returns Whether a content type names a form of parts. */
export function isMultipart(contentType: string | null): boolean {
  return contentType !== null && /^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType);
}

/**
 * Some senders name a form of parts and send something else. A preamble may stand before the first boundary, which begins a line (RFC
 * 2046, section 5.1.1): mail libraries write an empty line or a sentence.
 *
 * @returns Whether the body holds parts, as its content type says.
 */
export function holdsParts(bytes: Uint8Array, contentType: string): boolean {
  return beginsWithDashes(bytes) || firstBoundary(bytes, markOf(contentType)) > 0;
}

function markOf(contentType: string): string | undefined {
  const [, quoted, bare] = boundary.exec(contentType) ?? [];
  return quoted ?? bare;
}

function beginsWithDashes(bytes: Uint8Array): boolean {
  return bytes[0] === 0x2d && bytes[1] === 0x2d;
}

/** @returns Where the first boundary stands after a preamble; 0 without a preamble. */
function firstBoundary(bytes: Uint8Array, mark: string | undefined): number {
  if (mark === undefined || beginsWithDashes(bytes)) return 0;
  // One character for each byte, so that positions are the same.
  return new TextDecoder("windows-1252").decode(bytes).indexOf(`\n--${mark}`) + 1;
}

/**
 * Reads a form of parts as the same fields in a form-encoded body are read. A part without a name is none. A file is an object of its
 * `filename`, `content_type` and `bytes`.
 *
 * The boundary is not signed, and under another boundary a customer's note becomes fields. So only bodies of sources with a shared
 * secret come here.
 */
export function readMultipart(bytes: Uint8Array, contentType: string): Multipart | UnreadBody {
  const mark = markOf(contentType);
  if (mark === undefined) return notMultipart("The content type names no boundary");
  const fields: [string, JsonValue][] = [];
  let filesLeftOut = false;
  try {
    const limits = {
      boundary: mark,
      maxHeaderSize: partHeaderBytesMax,
      maxFileSize: bodyBytesMax,
      maxParts: formFieldsMax,
    };
    for (const part of parseMultipart(bytes.subarray(firstBoundary(bytes, mark)), limits)) {
      const { name, filename, bytes: content } = part;
      if (name === undefined) continue;
      const type = part.headers["content-type"] ?? null;
      if (filename !== undefined) {
        filesLeftOut ||= content.byteLength > 0;
        fields.push([name, { filename: sanitizeText(filename), content_type: type ?? "", bytes: content.byteLength }]);
        continue;
      }
      const text = bodyText(content, type, "nothing");
      if (!text.ok) return text;
      fields.push([name, text.text]);
    }
  } catch (error) {
    if (error instanceof MaxPartsExceededError) return tooManyFields;
    // A part's header that is no UTF-8 is a TypeError of the decoder.
    if (error instanceof MultipartParseError || error instanceof TypeError)
      return notMultipart("The parts cannot be told apart, or the end is missing");
    throw error;
  }
  const value = formValue(fields);
  return value.ok ? { ...value, filesLeftOut } : value;
}

function notMultipart(detail: string): UnreadBody {
  return { ok: false, reason: "not_multipart", detail };
}
