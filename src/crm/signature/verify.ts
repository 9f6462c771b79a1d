import type { Rejected, VerifyResult, WebhookRequest } from "../../domain/events/webhook.ts";
import { schemeOf } from "../preset/chosen-scheme.ts";
import type { ActiveSecret, GivenSettings, Preset } from "../preset/preset.ts";
import type { SignatureRecipe } from "../preset/recipe.ts";
import { decodeBody } from "../request/body.ts";
import { signedUrl } from "../request/signed-url.ts";
import { verifyJwt } from "./jwt.ts";
import { reject } from "./reject.ts";
import { verifySharedSecret } from "./shared-secret.ts";
import { type SignedRequest, verifyTemplated } from "./templated.ts";
import { tenantRefusal } from "./tenant.ts";

/** A request, and all that the source says of how it must be signed. */
export type Verification = {
  readonly preset: Preset;
  readonly settings: GivenSettings;
  readonly tenant: string | null;
  readonly secrets: readonly ActiveSecret[];
  readonly request: WebhookRequest;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Keys that anybody knows count as well: for whoever explains a signature, and never for the door. */
  readonly publicSecretsToo?: boolean;
  /** What a sender asks when it is set up carries no event, and often no account either: only the signature is looked at. */
  readonly tenantAside?: boolean;
};

/** The id of the key that a sender publishes for everybody. */
export const publishedKeyId = "published";

/**
 * Says whether a request is the source's own, over the bytes that arrived and before anything of them is believed. The scheme
 * is the source's, never what the request looks like. What is missing is refused: header, timestamp, secret, tenant.
 *
 * @returns The id of the secret that verified it, or a reason with a sentence for the operator. Neither holds a secret.
 */
export async function verifySignature(verification: Verification): Promise<VerifyResult> {
  const { preset, request, nowMs, tenant } = verification;
  const { scheme, settings, recipe } = schemeOf(preset, verification.settings);
  const secrets = usableSecrets(verification, recipe);
  if ("ok" in secrets) return secrets;
  const body = () => {
    const read = decodeBody(request, scheme.formats);
    return read.ok ? read.value : undefined;
  };
  const verified = await byFamily(recipe, { request, url: signedUrl(settings, request), body, secrets, nowMs });
  if (!verified.ok || verification.tenantAside === true) return verified;
  if (isForEverybody(recipe) && (tenant ?? "") === "")
    return reject("tenant_missing", "The sender signs for everybody with one key, and the source names no tenant.");
  return tenantRefusal(scheme, tenant, request) ?? verified;
}

/** @returns What the recipe's own family says of a request. */
export function byFamily(recipe: SignatureRecipe, evidence: SignedRequest): Promise<VerifyResult> {
  switch (recipe.family) {
    case "secret":
      return verifySharedSecret(recipe, evidence);
    case "jwt":
      return verifyJwt(recipe, evidence);
    default:
      return verifyTemplated(recipe, evidence);
  }
}

/** A key that the sender publishes needs nothing of the source but its tenant. */
function usableSecrets(verification: Verification, recipe: SignatureRecipe): readonly ActiveSecret[] | Rejected {
  if (isForEverybody(recipe)) return [{ id: publishedKeyId, value: recipe.publishedKey }];
  const filled = verification.secrets.filter(({ value }) => value !== "");
  if (filled.length === 0) return reject("no_secrets", "The source has no active secret.");
  if (verification.publicSecretsToo === true) return filled;
  const own = filled.filter(({ value }) => !verification.preset.publicSecrets.includes(value));
  return own.length > 0
    ? own
    : reject("public_secret", "The source's secrets are published: anybody can sign with them.");
}

function isForEverybody(recipe: SignatureRecipe): recipe is SignatureRecipe & { readonly publishedKey: string } {
  return recipe.family === "asymmetric" && recipe.publishedKey !== undefined;
}
