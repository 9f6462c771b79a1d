/** The text of a body, in the charset that its bytes show or that its sender declares. */

import type { BodyRules } from "../preset/body-rules.ts";
import type { UnreadBody } from "./unread-body.ts";

/**
 * A body's text.
 *
 * `isUtf8`: the bytes alone say what the text is. Else a header that no signature covers may have a say in it.
 * `wasDeclared`: it was read in another charset than UTF-8. `isMalformed`: bytes of it became U+FFFD.
 */
type BodyText = {
  readonly ok: true;
  readonly text: string;
  readonly isUtf8: boolean;
  readonly wasDeclared: boolean;
  readonly isMalformed: boolean;
};

/** Characters in which an XML document may declare its charset. */
const declarationCharactersMax = 200;

/** Names of charsets that the Encoding Standard does not list, as Java, .NET and PHP write them. */
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
 * Charsets in which every byte below 0x80 is ASCII's: brackets, quotation marks and digits stay what they are, and no byte takes the
 * next one with it. No other byte is a digit, as Thai ones are in Windows-874, which would lengthen a phone number. Only these are
 * believed of a signed body, whose header anybody can change.
 */
const oneByte = /^(?:windows-12\d\d|iso-8859-\d{1,2}(?:-i)?|koi8-[ru]|macintosh|x-mac-cyrillic|ibm866)$/;

const utf8 = new TextDecoder();

/**
 * Reads the bytes of a body.
 *
 * 1. A byte order mark decides, and so do the zero bytes of UTF-16.
 * 2. What is valid UTF-8 is UTF-8, whatever is declared: many senders declare ISO-8859-1 and write UTF-8.
 * 3. What is not is read in the charset that is declared, by an XML document itself or by the content type.
 * 4. Without a declaration, each malformed byte becomes U+FFFD.
 *
 * @returns The text, or `charset_unknown`. An ordinary body pays for one decoding and one look for U+FFFD.
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

/** @returns How a form's escaped bytes that are no UTF-8 are read; null for a charset that is not known. */
export function escapesDecoder(
  contentType: string | null,
  signs: BodyRules["signs"],
): ((bytes: Uint8Array) => string) | null {
  const declared = charsetOf(contentType);
  const decoder = declared === null ? null : decoderOf(declared, signs);
  // A byte order mark within a form is a character of it.
  const plain = new TextDecoder("utf-8", { ignoreBOM: true });
  return decoder === null && declared !== null ? null : (bytes) => (decoder ?? plain).decode(bytes);
}

/** @returns The detail of a charset that is not known. A charset's name is no secret; anything else that stands there is left out. */
export function unknownCharset(declared: string): UnreadBody {
  const name = declared.replace(/[^\w.:-]/g, "").slice(0, 40);
  const detail = `The body is no UTF-8, and the charset that is declared (${name}) is not read`;
  return { ok: false, reason: "charset_unknown", detail };
}

function read(text: string, isPlain: boolean, wasDeclared: boolean): BodyText {
  return { ok: true, text, isUtf8: isPlain, wasDeclared, isMalformed: false };
}

/** By a byte order mark, or by the zero byte beside the first character, which is ASCII in JSON, forms and XML. */
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

/** XML 1.0, section 4.3.3. */
function declaredIn(text: string): string | null {
  if (!text.startsWith("<?xml")) return null;
  const head = text.slice(0, declarationCharactersMax);
  return /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']{1,40})["']/.exec(head)?.[1] ?? null;
}

/** @returns The charset that a content type names, as it is written. */
export function charsetOf(contentType: string | null): string | null {
  const named = /;\s*charset\s*=\s*["']?([^"';,\s]*)/i.exec(contentType ?? "")?.[1] ?? "";
  return named === "" ? null : named;
}

/** @returns A decoder; null if there is no such charset, or if a signed body may not be read in it. */
function decoderOf(declared: string, signs: BodyRules["signs"]): InstanceType<typeof TextDecoder> | null {
  const name = declared.toLowerCase().replaceAll("_", "-");
  try {
    const decoder = new TextDecoder(otherNames[name] ?? (name.startsWith("shift-") ? "shift_jis" : name));
    const { encoding } = decoder;
    // UTF-16 shows itself by its zero bytes: what is declared so and has none is something else.
    if (encoding.startsWith("utf-16")) return null;
    return signs === "nothing" || encoding === "utf-8" || oneByte.test(encoding) ? decoder : null;
  } catch {
    return null;
  }
}
