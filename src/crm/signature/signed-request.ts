import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { ActiveSecret } from "../preset/preset.ts";
import type { AsymmetricRecipe, HashRecipe, HmacRecipe } from "../preset/recipe.ts";

/** Recipes that sign a text built from the request. */
export type TemplatedRecipe = HmacRecipe | HashRecipe | AsymmetricRecipe;

/** A request with everything that its verification needs. */
export type SignedRequest = {
  readonly request: WebhookRequest;
  /** The public URL that the sender calls; null if it is unknown. */
  readonly url: string | null;
  /** Parses the body on demand; undefined if it cannot be parsed. */
  readonly body: () => JsonValue | undefined;
  /** Secrets that may sign. Each is tried. */
  readonly secrets: readonly ActiveSecret[];
  /** Epoch milliseconds. */
  readonly nowMs: number;
};
