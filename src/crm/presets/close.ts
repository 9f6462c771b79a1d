import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";

/** @see https://developer.close.com/topics/webhooks/ */
export const close: Preset = {
  name: "close",
  title: "Close",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "close-sha256",
      title: "close-sig-hash",
      secretBy: "sender",
      recipe: () =>
        bodyHmac("close-sig-hash", {
          key: "hex",
          template: "{timestamp}{body}",
          timestamp: { from: { header: "close-sig-timestamp" }, format: "s", toleranceSeconds: 300 },
        }),
      reading: () => ({
        split: "",
        id: [{ path: "event.id" }],
        type: [{ joined: [{ path: "event.object_type" }, { path: "event.action" }], by: "." }],
        key: { of: "id", source: "https://developer.close.com/topics/webhooks/" },
        typeDefault: "event",
        time: [{ path: "event.date_created" }],
      }),
      tenant: { place: { path: "event.organization_id" }, mandatory: false, ignoreCase: false },
    },
  ],
  retries: {
    tries: "for up to 72 hours, then the subscription is paused",
    notNow: 503,
    ends: [],
    source: "https://developer.close.com/topics/webhooks/",
  },
  steps: [
    "POST https://api.close.com/api/v1/webhook/ with url {url}",
    'Its events: [{"object_type": "opportunity", "action": "updated"}], or whatever you need.',
    "The answer's signature_key (64 hex digits) is the source's secret. It is shown once.",
  ],
};
