/** Hashes, keyed hashes and random texts. Node's hashes are synchronous and copy nothing, unlike WebCrypto's. */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { decodeLooseBase64 } from "./bytes.ts";

const utf8 = new TextEncoder();

/**
 * Id of an event: SHA-256 over (source, dedupe key), written as a UUID of version 8 (RFC 9562, section 5.8). The
 * source's length comes first, so that no two pairs have the same text.
 */
export function eventId(source: string, dedupeKey: string): string {
  const hex = sha256Hex(`${source.length}:${source}${dedupeKey}`);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** SHA-256 of a text's UTF-8 bytes. */
export function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text, "utf8").digest();
}

/**
 * SHA-256 of a text's UTF-8 bytes, in lower-case hex. The text is encoded here, because workerd hashes bytes faster
 * than text.
 */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(utf8.encode(text)).digest("hex");
}

/** A random UUID. */
export function randomId(): string {
  return crypto.randomUUID();
}

/** 32 random bytes in base64url: a secret, a session, the salt of a commitment. */
export function randomText(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * HMAC-SHA256 of a text's UTF-8 bytes, in lower-case hex. The key is the salt's own text. The salt and the text
 * together prove the commitment. Without the salt, the text cannot be found by trying candidates.
 */
export function commitment(salt: string, text: string): string {
  return createHmac("sha256", salt).update(text, "utf8").digest("hex");
}

/** HMAC-SHA256 of a text's UTF-8 bytes under a key's bytes, in base64url. */
export function keyedHash(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("base64url");
}

/**
 * @param k A key of the environment in base64url. Its format was checked before.
 * @returns Its bytes.
 */
export function keyBytes(k: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeLooseBase64(k);
  if (bytes === null) throw new Error("A key is not written in base64url.");
  return bytes;
}
