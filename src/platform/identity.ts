/** Hashes and fresh ids, by WebCrypto. */

const encoder = new TextEncoder();

/**
 * The id of an event: SHA-256 over (source, dedupe key), written as a UUID of version 8 (RFC 9562, section 5.8).
 * The source's length stands before it, so that no two pairs share a text.
 */
export async function eventId(source: string, dedupeKey: string): Promise<string> {
  const digest = await sha256(`${source.length}:${source}${dedupeKey}`);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(digest.subarray(0, 16));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. */
export async function sha256Hex(text: string): Promise<string> {
  return toHex(await sha256(text));
}

/** A random UUID. */
export function randomId(): string {
  return crypto.randomUUID();
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}
