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
        key: { of: "id", source: "https://www.typeform.com/developers/webhooks/example-payload/" },
        typeDefault: "form_response",
        time: [{ path: "form_response.submitted_at" }],
      }),
      tenant: { place: { path: "form_response.form_id" }, mandatory: false, ignoreCase: false },
    },
  ],
  retries: {
    tries: "after 408, 423, 429 and 503 every 2 to 3 minutes for 10 hours, else five times",
    notNow: 503,
    ends: [404, 410],
    source: "https://www.typeform.com/developers/webhooks/",
  },
  steps: [
    "In the form: Connect, Webhooks, Add a webhook.",
    "Endpoint: {url}",
    "Edit the webhook, add a secret, and put the same into the source's secrets. Switch it on.",
  ],
};
