/**
 * `multipart/form-data` bodies (RFC 7578), as form plugins and JotForm send them. They offer no other format.
 *
 * Refused: a missing boundary, parts that cannot be separated, over 2,000 parts, headers of a part over 4,096 bytes.
 *
 * Not guaranteed: no signature covers the boundary. Under another boundary, the text of a customer's note becomes form
 * fields. Only bodies of sources with a shared secret are therefore parsed here.
 */
import { MaxPartsExceededError, MultipartParseError, parseMultipart } from "@remix-run/multipart-parser";
import { type JsonValue, sanitizeText } from "../../domain/json.ts";
import { bodyBytesMax } from "../../domain/limits.ts";
import { bodyText } from "./charset.ts";
import { formFieldsMax, formValue, tooManyFields } from "./form.ts";
import type { UnreadBody } from "./unread-body.ts";

/** The boundary parameter: 1 to 70 characters (RFC 2046, section 5.1.1). */
const boundary = /;\s*boundary\s*=\s*(?:"([\x20-\x7e]{1,70}?)"|([^\s";,]{1,70}))/i;

/** Bytes of one part's headers. */
const partHeaderBytesMax = 4_096;

/** A parsed form. `filesLeftOut`: files are listed by name, and their content is not stored. */
type Multipart = { readonly ok: true; readonly value: JsonValue; readonly filesLeftOut: boolean };

/** @returns Whether a content type is `multipart/form-data`. */
export function isMultipart(contentType: string | null): boolean {
  return contentType !== null && /^\s*multipart\/form-data\s*(?:;|$)/i.test(contentType);
}

/**
 * Checks the body itself, because some senders declare multipart and send another format. Mail libraries write a
 * preamble before the first boundary, which begins a line (RFC 2046, section 5.1.1).
 *
 * @returns Whether the body begins with `--` or contains the declared boundary.
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

/** @returns The position of the first boundary after a preamble; 0 without a preamble. */
function firstBoundary(bytes: Uint8Array, mark: string | undefined): number {
  if (mark === undefined || beginsWithDashes(bytes)) return 0;
  // Windows-1252 has one character per byte, so positions in the text equal positions in the bytes.
  return new TextDecoder("windows-1252").decode(bytes).indexOf(`\n--${mark}`) + 1;
}

/**
 * Parses a multipart form into the same structure as a form-encoded body. A part without a name is skipped. A file
 * becomes an object of `filename`, `content_type` and `bytes`.
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
    // The decoder throws a TypeError for part headers that are not UTF-8.
    if (error instanceof MultipartParseError || error instanceof TypeError)
      return notMultipart("The form's parts cannot be separated, or its end is missing");
    throw error;
  }
  const value = formValue(fields);
  return value.ok ? { ...value, filesLeftOut } : value;
}

function notMultipart(detail: string): UnreadBody {
  return { ok: false, reason: "not_multipart", detail };
}
