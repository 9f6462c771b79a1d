import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://www.mux.com/docs/core/verify-webhook-signatures */
export const mux: Preset = {
  name: "mux",
  title: "Mux",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "mux-v1",
      title: "Mux-Signature, v1",
      recipe: () =>
        bodyHmac("mux-signature", {
          template: "{timestamp}.{body}",
          list: { item: ",", pair: "=", signature: "v1" },
          timestamp: { from: { part: "t" }, format: "s", toleranceSeconds: 300 },
        }),
      reading: () => ({
        split: "",
        id: [{ path: "id" }],
        type: [{ path: "type" }],
        typeDefault: "event",
        time: [{ path: "created_at" }],
      }),
      tenant: { place: { path: "environment.id" }, mandatory: false, ignoreCase: false },
    },
  ],
  publicSecrets: [],
  steps: [
    "In Mux: Settings, Webhooks, Create new webhook.",
    "URL to notify: {url}",
    "Copy the webhook's signing secret into the source's secrets.",
  ],
};
