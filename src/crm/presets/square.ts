import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://developer.squareup.com/docs/webhooks/step3validate */
export const square: Preset = {
  name: "square",
  title: "Square",
  settings: {
    url: { kind: "url", default: "", about: "The address as registered with Square, where it is not Hookline's own." },
  },
  schemes: [
    {
      ...plainScheme,
      name: "square-hmacsha256",
      title: "x-square-hmacsha256-signature",
      secretBy: "sender",
      recipe: () => bodyHmac("x-square-hmacsha256-signature", { digest: "base64", template: "{url}{body}" }),
      reading: () => ({
        split: "",
        id: [{ path: "event_id" }],
        type: [{ path: "type" }],
        key: { of: "id", source: "https://developer.squareup.com/docs/webhooks/step3validate" },
        typeDefault: "event",
        time: [{ path: "created_at" }],
      }),
      tenant: { place: { path: "merchant_id" }, mandatory: false, ignoreCase: false },
    },
  ],
  retries: {
    tries: "up to 11 times in 24 hours",
    notNow: 503,
    ends: [],
    source: "https://developer.squareup.com/docs/webhooks/overview",
  },
  steps: [
    "In the Square Developer Console: your application, Webhooks, Subscriptions, Add subscription.",
    "URL, exactly: {url}",
    "Copy the subscription's signature key into the source's secrets.",
  ],
};
