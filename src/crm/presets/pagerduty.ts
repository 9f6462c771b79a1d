import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://developer.pagerduty.com/docs/verifying-webhook-signatures */
export const pagerduty: Preset = {
  name: "pagerduty",
  title: "PagerDuty",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "pagerduty-v1",
      title: "X-PagerDuty-Signature, v1",
      secretBy: "sender",
      recipe: () => bodyHmac("x-pagerduty-signature", { list: { item: ",", pair: "=", signature: "v1" } }),
      reading: () => ({
        split: "",
        id: [{ path: "event.id" }],
        type: [{ path: "event.event_type" }],
        key: { of: "id", source: "https://developer.pagerduty.com/docs/webhooks-overview" },
        typeDefault: "event",
        time: [{ path: "event.occurred_at" }],
      }),
    },
  ],
  retries: {
    tries: "is not documented",
    notNow: 503,
    ends: [],
    source: "https://developer.pagerduty.com/docs/webhooks-overview",
  },
  steps: [
    "In PagerDuty: Integrations, Generic Webhooks (v3), New Webhook.",
    "Webhook URL: {url}",
    "The signing secret is shown once: put it into the source's secrets.",
  ],
};
