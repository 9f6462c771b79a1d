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
      secretBy: "sender",
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
        key: { of: "id", source: "https://www.mux.com/docs/core/listen-for-webhooks" },
        typeDefault: "event",
        time: [{ path: "created_at" }],
        // Number of earlier attempts.
        counters: ["attempts"],
      }),
      tenant: { place: { path: "environment.id" }, mandatory: false, ignoreCase: false },
    },
  ],
  retries: {
    tries: "for up to 24 hours",
    notNow: 503,
    ends: [],
    source: "https://www.mux.com/docs/core/listen-for-webhooks",
  },
  steps: [
    "In Mux: Settings, Webhooks, Create new webhook.",
    "URL to notify: {url}",
    "Copy the webhook's signing secret into the source's secrets.",
  ],
};
