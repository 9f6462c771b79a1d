/** A preset of one recipe, for the tests of the signature engine itself. */

import type { ActiveSecret, GivenSettings, Preset, Scheme } from "../../../src/crm/preset/preset.ts";
import type { SignatureRecipe } from "../../../src/crm/preset/recipe.ts";
import { verifySignature } from "../../../src/crm/signature/verify.ts";
import type { VerifyResult, WebhookRequest } from "../../../src/domain/events/webhook.ts";
import { nowMs } from "../requests.ts";

export function presetOf(recipe: SignatureRecipe, scheme: Partial<Scheme> = {}, preset: Partial<Preset> = {}): Preset {
  return {
    name: "engine",
    title: "The engine's own",
    settings: { url: { kind: "url", default: "", about: "The address as registered." } },
    schemes: [
      {
        name: "engine",
        title: "One recipe",
        recipe: () => recipe,
        reading: () => ({
          key: { of: "id", source: "https://example.com" },
          split: "",
          id: [],
          type: [],
          typeDefault: "event",
          time: [],
        }),
        tenant: null,
        unsignedFields: [],
        formats: ["json", "form"],
        answer: null,
        ...scheme,
      },
    ],
    retries: { tries: "never", notNow: 503, ends: [], source: null },
    steps: [],
    ...preset,
  };
}

export type Verifying = {
  readonly preset?: Preset;
  readonly secrets?: readonly ActiveSecret[];
  readonly tenant?: string | null;
  readonly settings?: GivenSettings;
  readonly nowMs?: number;
};

/** Verifies with the recipe, one secret `engine-secret`, and no tenant, unless the test says otherwise. */
export function run(recipe: SignatureRecipe, request: WebhookRequest, asked: Verifying = {}): Promise<VerifyResult> {
  return verifySignature({
    preset: presetOf(recipe),
    settings: {},
    tenant: null,
    secrets: [{ id: "s1", value: "engine-secret" }],
    nowMs,
    ...asked,
    request,
  });
}
