import type { BodyFormat, Scheme } from "./preset.ts";
import type { SignatureRecipe } from "./recipe.ts";

/** How a source's bodies are read: their formats, and what of a body its signature covers. */
export type BodyRules = {
  /** The first is read if the content type names none of them. */
  readonly formats: readonly [BodyFormat, ...BodyFormat[]];
  /**
   * - `nothing`: the request presents a secret, and its headers are as good as its body.
   * - `raw`: the signature covers the bytes that arrived, compressed or not.
   * - `inflated`: the signature covers the bytes before they were compressed.
   *
   * Never are both tried.
   */
  readonly signs: "nothing" | "raw" | "inflated";
};

/** @returns How the bodies of a scheme are read. */
export function bodyRules({ formats }: Pick<Scheme, "formats">, recipe: SignatureRecipe): BodyRules {
  if (recipe.family === "secret") return { formats, signs: "nothing" };
  return { formats, signs: recipe.family === "jwt" ? "raw" : (recipe.covers ?? "raw") };
}
