import type { Prover } from "./candidates.ts";
import type { HashAlgorithm, KeyEncoding } from "./encodings.ts";
import { hmacKey } from "./keys.ts";

/**
 * Verifies HMACs. WebCrypto compares in constant time. Not guaranteed: anything about parts of a request that the
 * template leaves out.
 *
 * @param recipe `key`: the conversion of a secret's text to the key's bytes.
 */
export function hmacProver(recipe: { readonly algorithm: HashAlgorithm; readonly key: KeyEncoding }): Prover {
  return async (secret, signature, signed) => {
    const key = await hmacKey(secret, recipe.key, recipe.algorithm);
    return key === null ? null : await crypto.subtle.verify("HMAC", key, signature, signed(""));
  };
}
