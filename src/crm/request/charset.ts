/**
 * Charset of a body: the charset that the bytes show, else the declared charset.
 *
 * Refused: a declared charset that is unknown. For a signed body, also every charset in which a byte could change the
 * structure or a digit. No signature covers the declaration, so an attacker may choose it.
 */

import type { BodyRules } from "../preset/body-rules.ts";
import type { UnreadBody } from "./unread-body.ts";

/**
 * A body's text.
 *
 * - `isUtf8`: the bytes are valid UTF-8, so no header was needed to decode them.
 * - `wasDeclared`: the text was decoded from another charset than UTF-8.
 * - `isMalformed`: invalid bytes became U+FFFD.
 */
type BodyText = {
  readonly ok: true;
  readonly text: string;
  readonly isUtf8: boolean;
  readonly wasDeclared: boolean;
  readonly isMalformed: boolean;
};

/** Characters at the start of an XML document that are searched for its declaration. */
const declarationCharactersMax = 200;

/** Charset names of Java, .NET and PHP that the Encoding Standard does not list. */
const otherNames: Readonly<Record<string, string>> = {
  "latin-1": "iso-8859-1",
  "iso8859-15": "iso-8859-15",
  ansi: "windows-1252",
  "win-1252": "windows-1252",
  "win-1251": "windows-1251",
  cp932: "shift_jis",
  cp936: "gbk",
  cp949: "euc-kr",
  cp950: "big5",
  utf8mb4: "utf-8",
};

/**
 * Charsets that are accepted for a signed body. Every byte below 0x80 is ASCII in them, so brackets, quotation marks
 * and digits keep their meaning and no byte consumes the next one. No other byte decodes to a digit. Windows-874 is
 * excluded because its Thai digits would lengthen a phone number.
 */
const oneByte = /^(?:windows-12\d\d|iso-8859-\d{1,2}(?:-i)?|koi8-[ru]|macintosh|x-mac-cyrillic|ibm866)$/;

const utf8 = new TextDecoder();

/**
 * Decodes the bytes of a body.
 *
 * 1. A byte order mark decides, and so do the zero bytes of UTF-16.
 * 2. Valid UTF-8 is decoded as UTF-8, whatever is declared. Many senders declare ISO-8859-1 and send UTF-8.
 * 3. Other bytes are decoded by the charset in the XML declaration, else in the content type.
 * 4. Without a declaration, each malformed byte becomes U+FFFD.
 *
 * @returns The text, or the reason `charset_unknown`.
 */
export function bodyText(
  bytes: Uint8Array,
  contentType: string | null,
  signs: BodyRules["signs"],
): BodyText | UnreadBody {
  const wide = utf16Of(bytes);
  if (wide !== null) return read(new TextDecoder(wide).decode(bytes), false, true);
  const text = utf8.decode(bytes);
  if (!text.includes("\ufffd") || isUtf8(bytes)) return read(text, true, false);
  const declared = declaredIn(text) ?? charsetOf(contentType);
  const decoder = declared === null ? utf8 : decoderOf(declared, signs);
  if (decoder === null) return unknownCharset(declared ?? "");
  if (decoder.encoding === "utf-8") return { ...read(text, false, false), isMalformed: true };
  return read(decoder.decode(bytes), false, true);
}

/** @returns A decoder for percent-escaped bytes of a form that are not UTF-8; null for an unknown charset. */
export function escapesDecoder(
  contentType: string | null,
  signs: BodyRules["signs"],
): ((bytes: Uint8Array) => string) | null {
  const declared = charsetOf(contentType);
  const decoder = declared === null ? null : decoderOf(declared, signs);
  // Inside a form, U+FEFF is a character and no byte order mark.
  const plain = new TextDecoder("utf-8", { ignoreBOM: true });
  return decoder === null && declared !== null ? null : (bytes) => (decoder ?? plain).decode(bytes);
}

/**
 * @returns The error for an unknown charset. Only the characters of a charset's name are quoted: the header may hold
 *   anything.
 */
export function unknownCharset(declared: string): UnreadBody {
  const name = declared.replace(/[^\w.:-]/g, "").slice(0, 40);
  const detail = `The body is not UTF-8, and its declared charset (${name}) is not supported`;
  return { ok: false, reason: "charset_unknown", detail };
}

function read(text: string, isPlain: boolean, wasDeclared: boolean): BodyText {
  return { ok: true, text, isUtf8: isPlain, wasDeclared, isMalformed: false };
}

/**
 * Detects UTF-16 by a byte order mark, or by the zero byte beside an ASCII first character. JSON, forms and XML all
 * begin with ASCII.
 */
function utf16Of([first, second, third, fourth]: Uint8Array): "utf-16le" | "utf-16be" | null {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return "utf-16le";
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? "utf-16be" : null;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Reads the encoding declaration (XML 1.0, section 4.3.3). */
function declaredIn(text: string): string | null {
  if (!text.startsWith("<?xml")) return null;
  const head = text.slice(0, declarationCharactersMax);
  return /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']{1,40})["']/.exec(head)?.[1] ?? null;
}

/** @returns The charset in a content type, as written. */
export function charsetOf(contentType: string | null): string | null {
  const named = /;\s*charset\s*=\s*["']?([^"';,\s]*)/i.exec(contentType ?? "")?.[1] ?? "";
  return named === "" ? null : named;
}

/** @returns A decoder; null for an unknown charset, or one that is not allowed for a signed body. */
function decoderOf(declared: string, signs: BodyRules["signs"]): InstanceType<typeof TextDecoder> | null {
  const name = declared.toLowerCase().replaceAll("_", "-");
  try {
    const decoder = new TextDecoder(otherNames[name] ?? (name.startsWith("shift-") ? "shift_jis" : name));
    const { encoding } = decoder;
    // Real UTF-16 was already detected by its zero bytes, so this declaration is wrong.
    if (encoding.startsWith("utf-16")) return null;
    return signs === "nothing" || encoding === "utf-8" || oneByte.test(encoding) ? decoder : null;
  } catch {
    return null;
  }
}
