import type { ActiveSecret, Preset, SourceSettings, VerifyResult, WebhookRequest } from "../domain/source.ts";
import { verifyHmac } from "./hmac.ts";
import { reject } from "./reject.ts";
import { fullSettings } from "./settings.ts";
import { verifySharedSecret } from "./shared-secret.ts";
import { tenantRefusal } from "./tenant.ts";

/** A request, and all that the source says of how it must be signed. */
export type Verification = {
  readonly preset: Preset;
  readonly settings: SourceSettings;
  readonly tenant: string | null;
  readonly secrets: readonly ActiveSecret[];
  readonly request: WebhookRequest;
  /** Epoch milliseconds. */
  readonly nowMs: number;
};

/**
 * Says whether a request is the source's own, over the bytes that arrived and before anything of them is believed. The scheme
 * is the source's, never what the request looks like. What is missing is refused: header, timestamp, secret, tenant.
 *
 * @returns The id of the secret that verified it, or a reason with a sentence for the operator. Neither holds a secret.
 */
export async function verifySignature(verification: Verification): Promise<VerifyResult> {
  const { preset, request, nowMs } = verification;
  const secrets = verification.secrets.filter(
    (secret) => secret.value !== "" && !preset.publicSecrets.includes(secret.value),
  );
  if (secrets.length === 0) return reject("no_secrets", "The source has no active secret that may be used.");
  const recipe = preset.recipe(fullSettings(preset, verification.settings));
  const verified =
    recipe.family === "hmac"
      ? await verifyHmac(recipe, request, secrets, nowMs)
      : await verifySharedSecret(recipe, request, secrets);
  if (!verified.ok) return verified;
  return tenantRefusal(preset.tenant, verification.tenant, request) ?? verified;
}
