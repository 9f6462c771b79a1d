/**
 * Public-key signatures: Ed25519 (RFC 8032), RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2) and ECDSA on P-256
 * with SHA-256.
 *
 * The recipe fixes the algorithm, so a request cannot downgrade it (RFC 9421, section 7.3.6).
 *
 * Not guaranteed: that the webhook was meant for this source. If the sender signs for all its customers with one key,
 * only the tenant check (`tenant.ts`) tells the customers apart.
 */

import type { Prover } from "../../platform/signature/candidates.ts";
import type { AsymmetricRecipe } from "../preset/recipe.ts";
import { publicKey, verifyParameters } from "./public-keys.ts";

/** @returns A prover that takes the source's secret as the sender's public key. */
export function asymmetricProver(recipe: AsymmetricRecipe): Prover {
  return async (secret, signature, signed) => {
    const key = await publicKey(secret, recipe.key, recipe.algorithm);
    return key === null
      ? null
      : await crypto.subtle.verify(verifyParameters[recipe.algorithm], key, signature, signed(""));
  };
}
