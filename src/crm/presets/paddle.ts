import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://developer.paddle.com/webhooks/signature-verification */
export const paddle: Preset = {
  name: "paddle",
  title: "Paddle Billing",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "paddle-billing-h1",
      title: "Paddle-Signature, h1",
      secretBy: "sender",
      recipe: () =>
        bodyHmac("paddle-signature", {
          template: "{timestamp}:{body}",
          list: { item: ";", pair: "=", signature: "h1" },
          // Paddle's own SDKs allow 5 s, which a slow proxy can exceed.
          timestamp: { from: { part: "ts" }, format: "s", toleranceSeconds: 300 },
        }),
      reading: () => ({
        split: "",
        id: [{ path: "event_id" }],
        type: [{ path: "event_type" }],
        key: { of: "id", source: "https://developer.paddle.com/webhooks/respond-to-webhooks" },
        typeDefault: "event",
        time: [{ path: "occurred_at" }],
        // A replay from Paddle's dashboard repeats the event under a new notification id.
        counters: ["notification_id"],
      }),
    },
  ],
  retries: {
    tries: "60 times in three days",
    notNow: 503,
    ends: [],
    source: "https://developer.paddle.com/webhooks/respond-to-webhooks",
  },
  steps: [
    "In Paddle: Developer tools, Notifications, New destination, type webhook.",
    "URL: {url}",
    "Copy the destination's secret key (pdl_ntfset_…) into the source's secrets.",
  ],
};
