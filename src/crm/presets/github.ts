import type { EventReading, Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** The signature covers neither the delivery's id nor the event's name. A manual redelivery has the original id. */
const reading: EventReading = {
  split: "",
  id: [{ header: "x-github-delivery" }],
  type: [
    { joined: [{ header: "x-github-event" }, { path: "action" }], by: "." },
    { joined: [{ header: "x-github-event" }, { path: "payload.action" }], by: "." },
    { header: "x-github-event" },
  ],
  key: { of: "id", source: "https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers" },
  typeDefault: "event",
  time: [],
};

/** In form encoding the JSON is in the field `payload`, so rules read `data.payload.…`. */
const formats = ["json", "form"] as const;

/**
 * GitHub. It does not retry by itself.
 *
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export const github: Preset = {
  name: "github",
  title: "GitHub",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "github-sha256",
      title: "X-Hub-Signature-256",
      formats,
      recipe: () => bodyHmac("x-hub-signature-256", { prefix: "sha256=" }),
      reading: () => reading,
      unsignedFields: ["id", "type"],
    },
    {
      ...plainScheme,
      name: "github-sha1-legacy",
      title: "X-Hub-Signature (SHA-1, legacy)",
      formats,
      recipe: () => bodyHmac("x-hub-signature", { algorithm: "sha1", prefix: "sha1=" }),
      reading: () => reading,
      unsignedFields: ["id", "type"],
    },
  ],
  retries: {
    tries: "never; a person redelivers",
    notNow: 503,
    ends: [],
    source: "https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries",
  },
  steps: [
    "In the repository or organisation: Settings, Webhooks, Add webhook.",
    "Payload URL: {url}",
    "Content type: application/json. Secret: the source's secret. Choose the events.",
  ],
};
