import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Attio: events with ids only. The delivery's idempotency key is in an unsigned header. Two changes of one record have
 * identical bodies.
 *
 * @see https://docs.attio.com/rest-api/guides/webhooks
 */
export const attio: Preset = {
  name: "attio",
  title: "Attio",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "attio-sha256",
      title: "Attio-Signature",
      secretBy: "sender",
      recipe: () => bodyHmac("attio-signature", { header: ["attio-signature", "x-attio-signature"] }),
      reading: () => ({
        split: "events",
        shared: ["webhook_id"],
        id: [{ header: "idempotency-key" }],
        type: [{ path: "event_type" }],
        key: { of: "id", source: "https://docs.attio.com/rest-api/guides/webhooks" },
        typeDefault: "event",
        time: [],
        // No timestamp is signed. Five minutes is the usual tolerance of one.
        sameBodyMs: 300_000,
        replayMs: 300_000,
      }),
      tenant: { place: { path: "events.*.id.workspace_id" }, mandatory: false, ignoreCase: true },
      unsignedFields: ["id"],
    },
  ],
  retries: {
    tries: "up to ten times in about three days",
    notNow: 503,
    ends: [],
    source: "https://docs.attio.com/rest-api/guides/webhooks",
  },
  steps: [
    "In Attio: Workspace settings, Developers, your integration, Webhooks (or POST /v2/webhooks).",
    "Target URL: {url}",
    "Choose events such as record.updated, with a filter: every changed attribute is an event.",
    "The secret is shown once: put it into the source's secrets.",
  ],
};
