import type { Preset } from "../preset/preset.ts";
import { plainScheme } from "../preset/recipes.ts";

/**
 * Zoho CRM: notifications with ids only, unsigned, with the subscription's token in the body. A subscription expires
 * after an hour, or after up to a week if it asks for that, so it has to be renewed.
 *
 * @see https://www.zoho.com/crm/developer/docs/api/v8/notifications/enable.html
 */
export const zoho: Preset = {
  name: "zoho",
  title: "Zoho CRM",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "zoho-body-token",
      title: "The subscription's token in the body",
      recipe: () => ({ family: "secret", location: { in: "body", path: "token" } }),
      reading: () => ({
        split: "ids",
        elementAs: "id",
        id: [
          {
            joined: [
              { path: "channel_id" },
              { path: "module" },
              { path: "operation" },
              { path: "id" },
              { path: "server_time" },
            ],
            by: "/",
          },
        ],
        type: [{ joined: [{ path: "module" }, { path: "operation" }], by: "." }, { path: "operation" }],
        key: { of: "id", source: "https://www.zoho.com/crm/developer/docs/api/v8/notifications/enable.html" },
        typeDefault: "event",
        time: [{ path: "server_time" }],
        sameBodyMs: 3_600_000,
      }),
      // The channel id that was chosen for the subscription.
      tenant: { place: { path: "channel_id" }, mandatory: false, ignoreCase: false },
      credentials: ["token"],
    },
  ],
  retries: {
    tries: "is not documented",
    notNow: 503,
    ends: [],
    source: "https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html",
  },
  steps: [
    "POST /crm/v8/actions/watch with notify_url {url}, a channel_id of your own and events such as Deals.edit.",
    "Its token (at most 50 characters) is the source's secret. Set notify_on_related_action to false.",
    "Give channel_expiry a week at most, and renew the subscription before it is over.",
    "Workflow webhooks are another thing: give those a header of your own and a source with the preset bearer.",
  ],
};
