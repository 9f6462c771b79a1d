/**
 * Verification of a webhook, over the bytes that arrived and before they are parsed as events.
 *
 * Steps: choose the scheme by the source's settings, choose the usable secrets, verify by the scheme's family, compare
 * the tenant.
 *
 * Refused:
 * - a scheme chosen by the request: there is no fallback to a weaker one (RFC 9421, section 7.3.6)
 * - every request of a source without an active secret, or with only secrets that a vendor's documentation publishes
 * - an unconfigured tenant, if the sender signs for all its customers with one key
 *
 * Not guaranteed: that the event is new. Deduplication follows later, by the event's identity.
 */

import { publisherOf } from "../../domain/config/public-secrets.ts";
import type { Rejected, VerifyResult, WebhookRequest } from "../../domain/events/webhook.ts";
import { schemeOf } from "../preset/chosen-scheme.ts";
import type { ActiveSecret, GivenSettings, Preset } from "../preset/preset.ts";
import type { SignatureRecipe } from "../preset/recipe.ts";
import { decodeBody } from "../request/body.ts";
import { signedUrl } from "../request/signed-url.ts";
import { verifyJwt } from "./jwt.ts";
import { reject } from "./reject.ts";
import { verifySharedSecret } from "./shared-secret.ts";
import type { SignedRequest } from "./signed-request.ts";
import { verifyTemplated } from "./templated.ts";
import { tenantRefusal } from "./tenant.ts";

/** A request, and its source's settings for verification. */
type Verification = {
  readonly preset: Preset;
  readonly settings: GivenSettings;
  readonly tenant: string | null;
  readonly secrets: readonly ActiveSecret[];
  readonly request: WebhookRequest;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Skips the tenant check for a handshake, which carries no event and often names no account. */
  readonly skipTenant?: boolean;
};

/** Secret id of a key that the sender publishes for all its customers. */
export const publishedKeyId = "published";

/**
 * Verifies that a request comes from the source's sender.
 *
 * @returns The id of the secret that verified it, or the reason with a sentence for the operator. Neither contains a
 *   secret.
 */
export async function verifySignature(verification: Verification): Promise<VerifyResult> {
  const { recipe } = schemeOf(verification.preset, verification.settings);
  const secrets = usableSecrets(verification, recipe);
  return "ok" in secrets ? secrets : await verifyBySecrets({ ...verification, secrets });
}

/**
 * Verifies with the given secrets, published ones included: the examples in senders' documentation are signed with
 * those. The endpoint calls {@link verifySignature} instead.
 */
export async function verifyBySecrets(verification: Verification): Promise<VerifyResult> {
  const { preset, request, nowMs, tenant, secrets } = verification;
  const { scheme, settings, recipe, body: rules } = schemeOf(preset, verification.settings);
  const body = () => {
    const read = decodeBody(request, rules);
    return read.ok ? read.value : undefined;
  };
  const verified = await byFamily(recipe, { request, url: signedUrl(settings, request), body, secrets, nowMs });
  if (!verified.ok || verification.skipTenant === true) return verified;
  if (isForEverybody(recipe) && (tenant ?? "") === "")
    return reject(
      "tenant_missing",
      "The sender signs for all its customers with one key, but the source names no tenant.",
    );
  return tenantRefusal(scheme.tenant, tenant, request, rules) ?? verified;
}

/** Dispatches to the verifier of the recipe's family. */
export function byFamily(recipe: SignatureRecipe, evidence: SignedRequest): Promise<VerifyResult> {
  switch (recipe.family) {
    case "secret":
      return verifySharedSecret(recipe, evidence);
    case "jwt":
      return verifyJwt(recipe, evidence);
    case "hmac":
    case "hash":
    case "asymmetric":
      return verifyTemplated(recipe, evidence);
  }
}

/** @returns The secrets that may verify a request. A recipe with a published key needs no secret of the source. */
function usableSecrets(verification: Verification, recipe: SignatureRecipe): readonly ActiveSecret[] | Rejected {
  if (isForEverybody(recipe)) return [{ id: publishedKeyId, value: recipe.publishedKey }];
  const filled = verification.secrets.filter(({ value }) => value !== "");
  if (filled.length === 0) return reject("no_secrets", "The source has no active secret.");
  const own = filled.filter(({ value }) => publisherOf(value) === null);
  return own.length > 0
    ? own
    : reject("public_secret", "The source's secrets are published, so anybody can sign with them.");
}

function isForEverybody(recipe: SignatureRecipe): recipe is SignatureRecipe & { readonly publishedKey: string } {
  return recipe.family === "asymmetric" && recipe.publishedKey !== undefined;
}
