import type { Prover } from "../../platform/signature/candidates.ts";
import type { AsymmetricRecipe } from "../preset/recipe.ts";
import { publicKey, verifyParameters } from "./public-keys.ts";

/** Proves signatures by the sender's private key. The source's secret is the sender's public key. */
export function asymmetricProver(recipe: AsymmetricRecipe): Prover {
  return async (secret, signature, signed) => {
    const key = await publicKey(secret, recipe.key, recipe.algorithm);
    return key === null
      ? null
      : await crypto.subtle.verify(verifyParameters[recipe.algorithm], key, signature, signed(""));
  };
}
