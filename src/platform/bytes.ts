/** Conversions between text and bytes (UTF-8, hex, base64) with Node's `Buffer`, and the comparison of digests. */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";

const encoder = new TextEncoder();

/** @returns The UTF-8 bytes of a text. A lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * @param text Hexadecimal digits, either case, two for each byte.
 * @returns The bytes, or null if the text is anything else. Never throws.
 */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return null;
  return new Uint8Array(Buffer.from(text, "hex"));
}

/**
 * @param text Standard base64 with its padding (RFC 4648, section 4), in its one canonical spelling (section 3.5).
 * @returns The bytes, or null if the text is anything else. Never throws.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : null;
}

/**
 * Decodes base64 in any spelling, for trusted values: keys in the environment, a column of Postgres, claims of a verified
 * token. Use {@link decodeBase64} for a digest in a request, so that a digest has only one spelling.
 *
 * @param text Base64 or base64url (RFC 4648, sections 4 and 5), with or without padding and white space.
 * @returns The bytes, or null if the text is anything else. Never throws.
 */
export function decodeLooseBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const letters = text.replace(/\s+/g, "").replace(/=+$/, "");
  if (letters.length % 4 === 1 || !/^[\w+/-]*$/.test(letters)) return null;
  return new Uint8Array(Buffer.from(letters, "base64"));
}

/** @returns Standard base64 with its padding. */
export function encodeBase64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

/** @returns The concatenated parts, in a new buffer. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/**
 * Compares two digests in a time that depends only on their lengths.
 *
 * @returns Whether they have the same length and bytes.
 */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
