import type { HashAlgorithm, KeyEncoding } from "../domain/source.ts";
import { decodeBase64, decodeHex, utf8 } from "./bytes.ts";
import { cachedKeysMax } from "./limits.ts";

const webCryptoHash: Readonly<Record<HashAlgorithm, string>> = { sha1: "SHA-1", sha256: "SHA-256", sha512: "SHA-512" };

/**
 * Keys of this isolate, the least recently used first. Keys and never promises of keys: a promise belongs to the request
 * that made it, and workerd refuses to let another request await it.
 */
const imported = new Map<string, CryptoKey>();

/**
 * @param value A secret as it was given.
 * @returns A key that can only verify; null if the secret is empty or is not written in that encoding.
 */
export async function hmacKey(
  value: string,
  encoding: KeyEncoding,
  algorithm: HashAlgorithm,
): Promise<CryptoKey | null> {
  const name = `${algorithm} ${encoding} ${value}`;
  const known = imported.get(name);
  if (known !== undefined) {
    imported.delete(name);
    imported.set(name, known);
    return known;
  }
  const bytes = keyBytes(value, encoding);
  if (bytes === null || bytes.length === 0) return null;
  const hash = webCryptoHash[algorithm];
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["verify"]);
  remember(name, key);
  return key;
}

function keyBytes(value: string, encoding: KeyEncoding): Uint8Array | null {
  switch (encoding) {
    case "utf8":
      return utf8(value);
    case "base64":
      return decodeBase64(value);
    case "hex":
      return decodeHex(value);
    case "whsec":
      // The prefix marks the encoding; a few dashboards show the key without it.
      return decodeBase64(value.startsWith("whsec_") ? value.slice("whsec_".length) : value);
  }
}

function remember(name: string, key: CryptoKey): void {
  imported.set(name, key);
  if (imported.size <= cachedKeysMax) return;
  const oldest = imported.keys().next();
  if (!oldest.done) imported.delete(oldest.value);
}
