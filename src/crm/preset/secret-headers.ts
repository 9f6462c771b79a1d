/** Headers that carry a secret. They are never stored. */
import type { Scheme } from "./preset.ts";
import type { SignatureRecipe } from "./recipe.ts";

/** Headers that may carry a secret, whatever the source's settings. */
const neverKept = ["authorization", "proxy-authorization", "cookie", "x-forwarded-authorization"];

/** @returns Lower-case names of headers that carry the secret or a proof of it. */
export function secretHeaders(scheme: Scheme, recipe: SignatureRecipe): ReadonlySet<string> {
  const names = new Set(neverKept);
  if (recipe.family === "secret") {
    if (recipe.location.in === "header") names.add(recipe.location.name.toLowerCase());
  } else {
    for (const name of [recipe.header].flat()) names.add(name.toLowerCase());
  }
  for (const handshake of scheme.handshakes ?? []) {
    if (handshake.kind === "captured_header") names.add(handshake.header.toLowerCase());
  }
  return names;
}
