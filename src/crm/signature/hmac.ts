import type { HmacRecipe } from "../../domain/events/webhook.ts";
import { hmacKey } from "./keys.ts";
import type { Prover } from "./templated.ts";

/** HMACs, compared by WebCrypto in constant time. An HMAC says nothing of what its template leaves out: see `unsignedFields`. */
export function hmacProver(recipe: HmacRecipe): Prover {
  return async (secret, signature, signed) => {
    const key = await hmacKey(secret, recipe.key, recipe.algorithm);
    return key === null ? null : await crypto.subtle.verify("HMAC", key, signature, signed(""));
  };
}
