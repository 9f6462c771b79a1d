import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Stripe. The key is the whole text `whsec_…`, unlike in Standard Webhooks, which decode the part after the prefix.
 *
 * @see https://docs.stripe.com/webhooks/signature
 */
export const stripe: Preset = {
  name: "stripe",
  title: "Stripe",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "stripe-v1",
      title: "Stripe-Signature, v1",
      secretBy: "sender",
      recipe: () =>
        bodyHmac("stripe-signature", {
          template: "{timestamp}.{body}",
          list: { item: ",", pair: "=", signature: "v1" },
          timestamp: { from: { part: "t" }, format: "s", toleranceSeconds: 300 },
        }),
      reading: () => ({
        split: "",
        id: [{ path: "id" }],
        type: [{ path: "type" }],
        key: { of: "id", source: "https://docs.stripe.com/webhooks" },
        typeDefault: "event",
        time: [{ path: "created" }],
        // Number of endpoints that have not acknowledged the event yet.
        counters: ["pending_webhooks"],
      }),
      // A platform's endpoint receives events of all connected accounts under one key. Events of the platform's own
      // account name none.
      tenant: { place: { path: "account" }, mandatory: "when_named", ignoreCase: false },
    },
  ],
  retries: {
    tries: "for up to three days",
    notNow: 503,
    ends: [],
    source: "https://docs.stripe.com/webhooks",
  },
  steps: [
    "In Stripe: Developers, Webhooks, Add destination, and choose the events.",
    "Endpoint URL: {url}",
    "Copy the signing secret (whsec_…, whole) into the source's secrets. For Connect, name the connected account as tenant.",
  ],
};
