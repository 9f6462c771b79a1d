import type { Preset } from "../preset/preset.ts";
import { plainScheme } from "../preset/recipes.ts";

/**
 * Copper: events with ids only, unsigned, with the subscription's secret as a field of the body. It delivers at most
 * once and never retries.
 *
 * @see https://developer.copper.com/webhooks/overview.html
 */
export const copper: Preset = {
  name: "copper",
  title: "Copper",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "copper-body-secret",
      title: "The subscription's secret in the body",
      recipe: () => ({ family: "secret", location: { in: "body", path: "secret" } }),
      reading: () => ({
        split: "ids",
        elementAs: "id",
        id: [
          {
            joined: [
              { path: "subscription_id" },
              { path: "type" },
              { path: "event" },
              { path: "id" },
              { path: "timestamp" },
            ],
            by: "/",
          },
        ],
        type: [{ joined: [{ path: "type" }, { path: "event" }], by: "." }],
        key: { of: "id", source: "https://developer.copper.com/webhooks/overview.html" },
        typeDefault: "event",
        time: [{ path: "timestamp" }],
        sameBodyMs: 60_000,
      }),
      credentials: ["secret"],
    },
  ],
  retries: {
    tries: "never",
    notNow: 503,
    ends: [],
    source: "https://developer.copper.com/webhooks/overview.html",
  },
  steps: [
    "POST https://api.copper.com/developer_api/v1/webhooks with target {url}",
    'Its type and event: "opportunity" and "update", for example.',
    'Its secret: {"secret": the source\'s secret}. Copper writes it into every body, and it is taken out before anything is kept.',
    "Copper does not try again: what was missed has to be sent by hand.",
  ],
};
