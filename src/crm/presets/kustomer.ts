import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://developer.kustomer.com/docs/events/outbound-webhooks */
export const kustomer: Preset = {
  name: "kustomer",
  title: "Kustomer",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "kustomer-sha256",
      title: "X-Kustomer-Webhook-Signature",
      secretBy: "sender",
      recipe: () => bodyHmac("x-kustomer-webhook-signature"),
      reading: () => ({
        split: "",
        id: [{ path: "id" }],
        type: [{ path: "name" }],
        key: { of: "id", source: "https://developer.kustomer.com/docs/events/outbound-webhooks" },
        typeDefault: "event",
        time: [{ path: "createdAt" }],
      }),
    },
  ],
  retries: {
    tries: "for about an hour",
    notNow: 503,
    ends: [],
    source: "https://developer.kustomer.com/docs/events/delivery-and-retries",
  },
  steps: [
    "In Kustomer: Settings, Platform, Outbound webhooks, Add (or POST /v1/outbound-webhooks).",
    "URL: {url}",
    "Choose events such as kustomer.conversation.update.",
    "The webhook's token is the source's secret.",
  ],
};
