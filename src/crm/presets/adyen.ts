import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/**
 * Adyen: webhooks that sign the whole body (platforms, balance, management). The standard payment notifications sign
 * only some fields of each item and are not supported.
 *
 * @see https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures/
 */
export const adyen: Preset = {
  name: "adyen",
  title: "Adyen (platforms)",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "adyen-hmac-hexkey",
      title: "HmacSignature over the body",
      secretBy: "sender",
      recipe: () => bodyHmac("hmacsignature", { key: "hex", digest: "base64" }),
      reading: () => ({
        split: "",
        // A payment and its later modifications may share a reference, so the type is part of the key.
        id: [
          { path: "pspReference" },
          { joined: [{ path: "type" }, { path: "data.id" }, { path: "timestamp" }], by: "/" },
        ],
        type: [{ path: "eventType" }, { path: "type" }],
        key: { of: "id_type", source: "https://docs.adyen.com/development-resources/webhooks/handle-webhook-events/" },
        typeDefault: "event",
        time: [{ path: "eventDate" }, { path: "timestamp" }],
      }),
    },
  ],
  retries: {
    tries: "three times at once, then for up to 30 days",
    notNow: 503,
    ends: [],
    source: "https://docs.adyen.com/development-resources/webhooks/troubleshoot",
  },
  steps: [
    "In the Customer Area: Developers, Webhooks, Create new webhook, one of those for platforms.",
    "URL: {url}",
    "Generate an HMAC key and put it, as shown in hex, into the source's secrets.",
  ],
};
