import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Intercom. An app's client secret signs for every workspace that installed it. `delivery_attempts` changes with each
 * retry; the id does not.
 *
 * @see https://developers.intercom.com/docs/references/webhooks/webhook-models
 */
export const intercom: Preset = {
  name: "intercom",
  title: "Intercom",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "intercom-hub-sha1",
      title: "X-Hub-Signature, sha1=",
      secretBy: "sender",
      recipe: () => bodyHmac("x-hub-signature", { algorithm: "sha1", prefix: "sha1=" }),
      reading: () => ({
        split: "",
        id: [{ path: "id" }],
        type: [{ path: "topic" }],
        key: { of: "id", source: "https://developers.intercom.com/docs/references/webhooks/webhook-models" },
        typeDefault: "event",
        time: [{ path: "created_at" }, { path: "first_sent_at" }],
        // A ping has no id.
        sameBodyMs: 3_600_000,
        counters: ["delivery_attempts", "delivery_status", "delivered_at"],
      }),
      tenant: { place: { path: "app_id" }, mandatory: true, ignoreCase: false },
    },
  ],
  retries: {
    tries: "after 429 for up to two hours; seven days of errors suspend the webhook",
    notNow: 429,
    ends: [],
    source: "https://developers.intercom.com/docs/webhooks/webhook-notifications",
  },
  steps: [
    "In Intercom: Settings, Integrations, Developer Hub, your app.",
    "Basic information: put the Client secret into the source's secrets.",
    "Name the workspace as tenant: its id stands behind /apps/ in Intercom's own address.",
    "Webhooks: endpoint URL {url}",
    "Add topics such as conversation.user.created and ticket.created, then Save: Intercom sends a ping.",
  ],
};
