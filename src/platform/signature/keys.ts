/** Keys of signatures, imported for WebCrypto and cached in this isolate. */

import { decodeBase64, decodeHex, utf8 } from "../bytes.ts";
import { lru } from "../lru.ts";
import type { HashAlgorithm, KeyEncoding } from "./encodings.ts";

/** Imported keys cached per isolate. */
const cachedKeysMax = 256;

const webCryptoHash = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" } as const;

/** Caches keys, never promises of keys: workerd refuses to let a request await a promise of another one. */
const imported = lru<CryptoKey>(cachedKeysMax);

/**
 * @param name Identifies the key, its format and its use. Two keys must never share a name.
 * @param make Imports the key; null if there is no key. Null is not cached.
 */
export async function importedOnce(name: string, make: () => Promise<CryptoKey | null>): Promise<CryptoKey | null> {
  const known = imported.get(name);
  if (known !== undefined) return known;
  const key = await make();
  if (key !== null) imported.set(name, key);
  return key;
}

/**
 * @param secret A secret, as configured.
 * @returns A key that can only verify; null if the secret is empty or does not have that encoding. WebCrypto would
 *   accept an empty key, which anyone can guess.
 */
export async function hmacKey(
  secret: string,
  encoding: KeyEncoding,
  algorithm: HashAlgorithm | "sha384",
): Promise<CryptoKey | null> {
  return await importedOnce(`${algorithm} ${encoding} ${secret}`, async () => {
    const bytes = bytesOf(secret, encoding);
    if (bytes === null || bytes.length === 0) return null;
    const use = { name: "HMAC", hash: webCryptoHash[algorithm] };
    return await crypto.subtle.importKey("raw", bytes, use, false, ["verify"]);
  });
}

function bytesOf(secret: string, encoding: KeyEncoding): Uint8Array<ArrayBuffer> | null {
  switch (encoding) {
    case "utf8":
      return utf8(secret);
    case "base64":
      return decodeBase64(secret);
    case "hex":
      return decodeHex(secret);
    case "whsec":
      // The prefix marks the encoding. Some dashboards show the key without it.
      return decodeBase64(secret.startsWith("whsec_") ? secret.slice("whsec_".length) : secret);
  }
}
