/**
 * Plain hashes over a text that contains the secret, a scheme of older senders.
 *
 * Refused: any digest but the exact one. Digests are compared in constant time (OWASP ASVS 5.0, 11.2.4).
 *
 * Not guaranteed: the strength of an HMAC (RFC 2104). With the secret in front, one signed request is enough to compute
 * the hash of a longer text (length extension). The preset therefore offers such a scheme only beside a stronger one.
 */

import { equalDigests } from "../../platform/bytes.ts";
import type { Prover } from "../../platform/signature/candidates.ts";
import { hashBytes } from "../../platform/signature/digest.ts";
import type { HashRecipe } from "../preset/recipe.ts";

/** @returns A prover for a recipe whose template contains the secret. */
export function hashProver({ algorithm }: HashRecipe): Prover {
  return async (secret, signature, signed) => equalDigests(hashBytes(algorithm, signed(secret)), signature);
}
