import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Airtable: a bare notification. The changes have to be fetched. The response must be empty.
 *
 * @see https://airtable.com/developers/web/api/webhooks-overview
 */
export const airtable: Preset = {
  name: "airtable",
  title: "Airtable",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "airtable-hmac-sha256",
      title: "X-Airtable-Content-MAC",
      secretBy: "sender",
      recipe: () => bodyHmac("x-airtable-content-mac", { key: "base64", prefix: "hmac-sha256=" }),
      reading: () => ({
        split: "",
        id: [{ joined: [{ path: "webhook.id" }, { path: "timestamp" }], by: "/" }],
        type: [],
        key: { of: "id", source: "https://airtable.com/developers/web/api/webhooks-overview" },
        typeDefault: "ping",
        time: [{ path: "timestamp" }],
      }),
      tenant: { place: { path: "base.id" }, mandatory: false, ignoreCase: false },
      answer: { status: 204, contentType: "text/plain", body: "" },
    },
  ],
  retries: {
    tries: "with growing pauses, then notifications are switched off",
    notNow: 503,
    ends: [],
    source: "https://airtable.com/developers/web/api/webhooks-overview",
  },
  steps: [
    "POST https://api.airtable.com/v0/bases/{baseId}/webhooks with your token.",
    "notificationUrl: {url}",
    "Put macSecretBase64 of the answer into the source's secrets. Such a webhook ends after seven days unless it is refreshed.",
  ],
};
