import type { Preset } from "../preset/preset.ts";
import { plainScheme } from "../preset/recipes.ts";

/**
 * ActiveCampaign: no signature; the secret is part of the URL. It never retries, and deletes a webhook that is answered
 * with 410.
 *
 * @see https://developers.activecampaign.com/page/webhooks
 */
export const activecampaign: Preset = {
  name: "activecampaign",
  title: "ActiveCampaign",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "activecampaign-path",
      title: "A secret in the address",
      recipe: () => ({ family: "secret", location: { in: "path" } }),
      reading: () => ({
        split: "",
        id: [
          { joined: [{ path: "type" }, { path: "date_time" }, { path: "deal.id" }], by: " " },
          { joined: [{ path: "type" }, { path: "date_time" }, { path: "contact.id" }], by: " " },
        ],
        type: [{ path: "type" }],
        key: { of: "id", source: "https://developers.activecampaign.com/page/webhooks" },
        typeDefault: "event",
        time: [{ path: "date_time" }],
        sameBodyMs: 43_200_000,
      }),
      formats: ["form", "json"],
    },
  ],
  retries: {
    tries: "never",
    notNow: 503,
    ends: [410],
    source: "https://developers.activecampaign.com/page/webhooks",
  },
  steps: [
    "In ActiveCampaign: Settings, Developer, Manage webhooks, Add.",
    "URL: {url}",
    "Choose the events. ActiveCampaign does not try again: check from time to time for events that it could not deliver.",
  ],
};
