import type { Prover } from "./candidates.ts";
import type { HashAlgorithm, KeyEncoding } from "./encodings.ts";
import { hmacKey } from "./keys.ts";

/**
 * Proves HMACs; WebCrypto compares in constant time. An HMAC covers nothing that its template leaves out.
 *
 * @param recipe `key`: how a secret's text becomes the key's bytes.
 */
export function hmacProver(recipe: { readonly algorithm: HashAlgorithm; readonly key: KeyEncoding }): Prover {
  return async (secret, signature, signed) => {
    const key = await hmacKey(secret, recipe.key, recipe.algorithm);
    return key === null ? null : await crypto.subtle.verify("HMAC", key, signature, signed(""));
  };
}
