import type { AsymmetricRecipe, HashAlgorithm, KeyEncoding, PublicKeyEncoding } from "../../domain/events/webhook.ts";
import { decodeBase64, decodeHex, utf8 } from "../../platform/bytes.ts";
import { cachedKeysMax, rsaBitsMin } from "../limits.ts";

export const webCryptoHash: Readonly<Record<HashAlgorithm, string>> = {
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha512: "SHA-512",
};

type PublicAlgorithm = AsymmetricRecipe["algorithm"];

const importParameters = {
  ed25519: { name: "Ed25519" },
  "rsa-pkcs1-sha256": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  "ecdsa-p256-sha256": { name: "ECDSA", namedCurve: "P-256" },
} as const satisfies Record<PublicAlgorithm, object>;

/** What WebCrypto is told when a signature of the algorithm is verified. */
export const verifyParameters = {
  ed25519: { name: "Ed25519" },
  "rsa-pkcs1-sha256": { name: "RSASSA-PKCS1-v1_5" },
  "ecdsa-p256-sha256": { name: "ECDSA", hash: "SHA-256" },
} as const satisfies Record<PublicAlgorithm, object>;

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
  algorithm: HashAlgorithm | "sha384",
): Promise<CryptoKey | null> {
  return await cached(`${algorithm} ${encoding} ${value}`, async () => {
    const bytes = keyBytes(value, encoding);
    if (bytes === null || bytes.length === 0) return null;
    const hash = algorithm === "sha384" ? "SHA-384" : webCryptoHash[algorithm];
    return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash }, false, ["verify"]);
  });
}

/**
 * @param value A public key as it was given; a PEM may have lost its line breaks.
 * @returns A key that can only verify; null if the text is no key of that algorithm, or too weak a one.
 */
export async function publicKey(
  value: string,
  encoding: PublicKeyEncoding,
  algorithm: PublicAlgorithm,
): Promise<CryptoKey | null> {
  return await cached(`${algorithm} ${encoding} ${value}`, async () => {
    const bytes = publicKeyBytes(value, encoding);
    if (bytes === null || bytes.length === 0) return null;
    const form = encoding === "spki" ? "spki" : "raw";
    try {
      const key = await crypto.subtle.importKey(form, bytes, importParameters[algorithm], false, ["verify"]);
      return isStrong(key) ? key : null;
    } catch {
      // The runtime's word for bytes that are no key of this kind.
      return null;
    }
  });
}

/** Forgetting the least recently used, so that a service of many sources keeps those at hand that are busy. */
async function cached(name: string, make: () => Promise<CryptoKey | null>): Promise<CryptoKey | null> {
  const known = imported.get(name);
  if (known !== undefined) {
    imported.delete(name);
    imported.set(name, known);
    return known;
  }
  const key = await make();
  if (key !== null) remember(name, key);
  return key;
}

function isStrong({ algorithm }: CryptoKey): boolean {
  return !("modulusLength" in algorithm) || Number(algorithm.modulusLength) >= rsaBitsMin;
}

function publicKeyBytes(value: string, encoding: PublicKeyEncoding): Uint8Array | null {
  switch (encoding) {
    case "spki":
      return decodeBase64(value.replace(/-----(?:BEGIN|END) PUBLIC KEY-----/g, "").replace(/\s|\\n/g, ""));
    case "raw":
      return /^[0-9a-f]{64}$/i.test(value) ? decodeHex(value) : decodeBase64(value);
    case "whpk":
      return decodeBase64(value.startsWith("whpk_") ? value.slice("whpk_".length) : value);
  }
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
