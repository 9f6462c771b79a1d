import type { HashRecipe } from "../../domain/events/webhook.ts";
import { equalDigests } from "../../platform/bytes.ts";
import { webCryptoHash } from "./keys.ts";
import type { Prover } from "./templated.ts";

/** Plain hashes of a text that holds the secret itself, compared in constant time. */
export function hashProver(recipe: HashRecipe): Prover {
  return async (secret, signature, signed) => {
    const digest = await crypto.subtle.digest(webCryptoHash[recipe.algorithm], signed(secret));
    return equalDigests(new Uint8Array(digest), signature);
  };
}
