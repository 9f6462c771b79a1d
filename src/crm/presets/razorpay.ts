import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://razorpay.com/docs/webhooks/validate-test/ */
export const razorpay: Preset = {
  name: "razorpay",
  title: "Razorpay",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "razorpay-hmac-sha256",
      title: "X-Razorpay-Signature",
      recipe: () => bodyHmac("x-razorpay-signature"),
      reading: () => ({
        split: "",
        id: [{ header: "x-razorpay-event-id" }],
        type: [{ path: "event" }],
        key: { of: "id", source: "https://razorpay.com/docs/webhooks/validate-test/" },
        typeDefault: "event",
        time: [{ path: "created_at" }],
      }),
      tenant: { place: { path: "account_id" }, mandatory: false, ignoreCase: false },
      unsignedFields: ["id"],
    },
  ],
  retries: {
    tries: "for up to 24 hours, then the webhook is switched off",
    notNow: 503,
    ends: [],
    source: "https://razorpay.com/docs/webhooks/",
  },
  steps: [
    "In the Razorpay Dashboard: Accounts and Settings, Webhooks, Add new webhook.",
    "Webhook URL: {url}",
    "Secret: the source's secret. Choose the events.",
  ],
};
