import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://www.typeform.com/developers/webhooks/secure-your-webhooks/ */
export const typeform: Preset = {
  name: "typeform",
  title: "Typeform",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "typeform-sha256",
      title: "Typeform-Signature, sha256= and base64",
      recipe: () => bodyHmac("typeform-signature", { digest: "base64", prefix: "sha256=" }),
      reading: () => ({
        split: "",
        id: [{ path: "event_id" }],
        type: [{ path: "event_type" }],
        typeDefault: "form_response",
        time: [{ path: "form_response.submitted_at" }],
      }),
      tenant: { place: { path: "form_response.form_id" }, mandatory: false, ignoreCase: false },
    },
  ],
  publicSecrets: [],
  steps: [
    "In the form: Connect, Webhooks, Add a webhook.",
    "Endpoint: {url}",
    "Edit the webhook, add a secret, and put the same into the source's secrets. Switch it on.",
  ],
};
