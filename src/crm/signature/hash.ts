import { equalDigests } from "../../platform/bytes.ts";
import type { Prover } from "../../platform/signature/candidates.ts";
import { hashBytes } from "../../platform/signature/digest.ts";
import type { HashRecipe } from "../preset/recipe.ts";

/** Proves plain hashes of a text that contains the secret. Digests are compared in constant time. */
export function hashProver({ algorithm }: HashRecipe): Prover {
  return async (secret, signature, signed) => equalDigests(hashBytes(algorithm, signed(secret)), signature);
}
