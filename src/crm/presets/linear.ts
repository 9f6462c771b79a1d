import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://linear.app/developers/webhooks */
export const linear: Preset = {
  name: "linear",
  title: "Linear",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "linear-sha256",
      title: "Linear-Signature",
      secretBy: "sender",
      // The Linear-Timestamp header is unsigned, so the signed body's own timestamp is checked.
      recipe: () =>
        bodyHmac("linear-signature", {
          timestamp: { from: { path: "webhookTimestamp" }, format: "ms", toleranceSeconds: 60 },
        }),
      reading: () => ({
        split: "",
        id: [{ header: "linear-delivery" }],
        type: [{ joined: [{ path: "type" }, { path: "action" }], by: "." }, { path: "type" }],
        key: { of: "id", source: "https://linear.app/developers/webhooks" },
        typeDefault: "event",
        time: [{ path: "createdAt" }, { path: "webhookTimestamp" }],
        // The send time changes with each retry.
        counters: ["webhookTimestamp"],
      }),
      tenant: { place: { path: "organizationId" }, mandatory: false, ignoreCase: false },
      unsignedFields: ["id"],
    },
  ],
  retries: {
    tries: "three times: after 1 minute, 1 hour and 6 hours",
    notNow: 503,
    ends: [],
    source: "https://linear.app/developers/webhooks",
  },
  steps: [
    "In Linear: Settings, API, Webhooks, New webhook.",
    "URL: {url}",
    "Copy the signing secret into the source's secrets. Choose the data that changes.",
  ],
};
