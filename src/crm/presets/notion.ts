import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://developers.notion.com/reference/webhooks */
export const notion: Preset = {
  name: "notion",
  title: "Notion",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "notion-sha256",
      title: "X-Notion-Signature",
      secretBy: "sender",
      recipe: () => bodyHmac("x-notion-signature", { prefix: "sha256=" }),
      reading: () => ({
        split: "",
        id: [{ path: "id" }],
        type: [{ path: "type" }],
        key: { of: "id", source: "https://developers.notion.com/reference/webhooks" },
        typeDefault: "event",
        time: [{ path: "timestamp" }],
        counters: ["attempt_number"],
      }),
      tenant: { place: { path: "workspace_id" }, mandatory: false, ignoreCase: true },
      handshakes: [{ kind: "captured_field", field: "verification_token" }],
      credentials: ["verification_token"],
    },
  ],
  retries: {
    tries: "up to eight times in about 24 hours",
    notNow: 503,
    ends: [],
    source: "https://developers.notion.com/reference/webhooks",
  },
  steps: [
    "Leave the source without a secret: Notion sends it.",
    "In Notion: your integration, Webhooks, Create a subscription. Webhook URL: {url}",
    "The token that Notion sends is kept as the source's secret. Notion asks you to type it in: the command hookline captured-secret shows it.",
  ],
};
