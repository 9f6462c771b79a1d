/** Hashes and fresh ids. Node's hash does in one call, and at once, what WebCrypto does in a promise and three copies. */
import { createHash, createHmac, randomBytes } from "node:crypto";

/**
 * The id of an event: SHA-256 over (source, dedupe key), written as a UUID of version 8 (RFC 9562, section 5.8).
 * The source's length stands before it, so that no two pairs share a text.
 */
export function eventId(source: string, dedupeKey: string): string {
  const hex = sha256Hex(`${source.length}:${source}${dedupeKey}`);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** A random UUID. */
export function randomId(): string {
  return crypto.randomUUID();
}

/** 32 random bytes in base64url: what a commitment is keyed with, and what is erased with the value. */
export function newSalt(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * HMAC-SHA256 of a text's UTF-8 bytes, in lower-case hex. The key is the salt's own text. Whoever has the salt and the text can
 * show that they were meant; whoever has neither cannot guess the text, however few there are.
 */
export function commitment(salt: string, text: string): string {
  return createHmac("sha256", salt).update(text, "utf8").digest("hex");
}
