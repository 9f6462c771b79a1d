import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://developer.calendly.com/api-docs/ZG9jOjM2MzE2MDM4-webhook-signatures */
export const calendly: Preset = {
  name: "calendly",
  title: "Calendly",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "calendly-v1",
      title: "Calendly-Webhook-Signature, v1",
      recipe: () =>
        bodyHmac("calendly-webhook-signature", {
          template: "{timestamp}.{body}",
          list: { item: ",", pair: "=", signature: "v1" },
          timestamp: { from: { part: "t" }, format: "s", toleranceSeconds: 180 },
        }),
      reading: () => ({
        split: "",
        // Events have no id. Type, invitee and creation time identify one.
        id: [{ joined: [{ path: "event" }, { path: "payload.uri" }, { path: "created_at" }], by: " " }],
        type: [{ path: "event" }],
        key: { of: "id", source: "https://developer.calendly.com/api-docs/ZG9jOjM2MzE2MDM4-webhook-signatures" },
        typeDefault: "event",
        time: [{ path: "created_at" }],
      }),
    },
  ],
  retries: {
    tries: "for up to 24 hours, then the webhook is switched off",
    notNow: 503,
    ends: [],
    source: "https://developer.calendly.com/api-docs/ZG9jOjM2MzE2MDM4-webhook-signatures",
  },
  steps: [
    "POST https://api.calendly.com/webhook_subscriptions with your token, the events, and a signing_key of your own.",
    "url: {url}",
    "Put the signing_key into the source's secrets.",
  ],
};
