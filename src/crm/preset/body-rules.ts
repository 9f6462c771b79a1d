import type { BodyFormat, Scheme } from "./preset.ts";
import type { SignatureRecipe } from "./recipe.ts";

/** Formats of a source's bodies, and the part of a body that its signature covers. */
export type BodyRules = {
  /** Formats that the scheme allows. The first is used if the content type names none of them. */
  readonly formats: readonly [BodyFormat, ...BodyFormat[]];
  /**
   * - `nothing`: the request presents a secret, and its headers are as trustworthy as its body.
   * - `raw`: the signature covers the bytes that arrived, compressed or not.
   * - `inflated`: the signature covers the bytes before compression. `raw` is never tried as well.
   */
  readonly signs: "nothing" | "raw" | "inflated";
};

/** @returns Rules for the bodies of a scheme. */
export function bodyRules({ formats }: Pick<Scheme, "formats">, recipe: SignatureRecipe): BodyRules {
  if (recipe.family === "secret") return { formats, signs: "nothing" };
  return { formats, signs: recipe.family === "jwt" ? "raw" : (recipe.covers ?? "raw") };
}
