/** What the tests of the engine itself stand on: a preset that is nothing but one recipe, and requests made by hand. */
import { verifySignature } from "../../../src/crm/signature/verify.ts";
import type {
  ActiveSecret,
  GivenSettings,
  Preset,
  Scheme,
  SignatureRecipe,
  VerifyResult,
  WebhookRequest,
} from "../../../src/domain/events/webhook.ts";

/** 2026-11-02T15:04:10Z. */
export const nowMs = 1_793_631_850_000;

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
        reading: () => ({ split: "", id: [], type: [], typeDefault: "event", time: [] }),
        tenant: null,
        unsignedFields: [],
        formats: ["json", "form"],
        answer: null,
        ...scheme,
      },
    ],
    publicSecrets: [],
    steps: [],
    ...preset,
  };
}

export function makeRequest(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  more: Partial<WebhookRequest> = {},
): WebhookRequest {
  return {
    method: "POST",
    url: null,
    key: null,
    // As the Worker makes them: names in lower case, values joined.
    headers: Object.fromEntries(new Headers(headers)),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    ...more,
  };
}

export type Asked = {
  readonly preset?: Preset;
  readonly secrets?: readonly ActiveSecret[];
  readonly tenant?: string | null;
  readonly settings?: GivenSettings;
  readonly nowMs?: number;
};

/** Verifies with the recipe, one secret `engine-secret`, and no tenant, unless the test says otherwise. */
export function run(recipe: SignatureRecipe, request: WebhookRequest, asked: Asked = {}): Promise<VerifyResult> {
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
