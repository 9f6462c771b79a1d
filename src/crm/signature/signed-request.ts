import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { ActiveSecret } from "../preset/preset.ts";
import type { AsymmetricRecipe, HashRecipe, HmacRecipe } from "../preset/recipe.ts";

/** Recipes whose canonical string is a template over the request. */
export type TemplatedRecipe = HmacRecipe | HashRecipe | AsymmetricRecipe;

/** A request with everything that its verification needs. */
export type SignedRequest = {
  readonly request: WebhookRequest;
  /** The configured public URL of the endpoint, never the request's `Host`; null if it is unknown. */
  readonly url: string | null;
  /** Parses the body on first use; undefined if it cannot be parsed. */
  readonly body: () => JsonValue | undefined;
  /** Active secrets. Each is tried. */
  readonly secrets: readonly ActiveSecret[];
  /** Epoch milliseconds. */
  readonly nowMs: number;
};
