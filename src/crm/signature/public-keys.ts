/**
 * Public keys of senders, parsed and imported for WebCrypto.
 *
 * Refused: a key of another algorithm than the recipe's, and an RSA key under 2,048 bits (RFC 7518, section 3.3). Keys
 * are imported for `verify` only.
 *
 * Not guaranteed: the key's origin. An administrator pastes it, or a handshake delivers it. There is no certificate, no
 * expiry and no revocation list.
 */

import { decodeBase64, decodeHex } from "../../platform/bytes.ts";
import { importedOnce } from "../../platform/signature/keys.ts";
import { rsaBitsMin } from "../limits.ts";
import type { AsymmetricRecipe, PublicKeyEncoding } from "../preset/recipe.ts";

type PublicAlgorithm = AsymmetricRecipe["algorithm"];

const importParameters = {
  ed25519: { name: "Ed25519" },
  "rsa-pkcs1-sha256": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  "ecdsa-p256-sha256": { name: "ECDSA", namedCurve: "P-256" },
} as const satisfies Record<PublicAlgorithm, object>;

/** WebCrypto's `verify` parameters, by algorithm. */
export const verifyParameters = {
  ed25519: { name: "Ed25519" },
  "rsa-pkcs1-sha256": { name: "RSASSA-PKCS1-v1_5" },
  "ecdsa-p256-sha256": { name: "ECDSA", hash: "SHA-256" },
} as const satisfies Record<PublicAlgorithm, object>;

/**
 * @param value A public key as pasted. A PEM may have lost its line breaks.
 * @returns A key for `verify`; null if the text is no key of this algorithm or the key is too weak.
 */
export async function publicKey(
  value: string,
  encoding: PublicKeyEncoding,
  algorithm: PublicAlgorithm,
): Promise<CryptoKey | null> {
  return await importedOnce(`${algorithm} ${encoding} ${value}`, async () => {
    const bytes = publicKeyBytes(value, encoding);
    if (bytes === null || bytes.length === 0) return null;
    const form = encoding === "spki" ? "spki" : "raw";
    try {
      const key = await crypto.subtle.importKey(form, bytes, importParameters[algorithm], false, ["verify"]);
      return isStrong(key) ? key : null;
    } catch {
      // WebCrypto throws for bytes that are no key of this algorithm.
      return null;
    }
  });
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
