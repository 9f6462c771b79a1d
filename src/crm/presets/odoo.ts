import type { Preset } from "../preset/preset.ts";
import { plainScheme } from "../preset/recipes.ts";

/** @see https://www.odoo.com/documentation/18.0/applications/studio/automated_actions.html */
export const odoo: Preset = {
  name: "odoo",
  title: "Odoo",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "odoo-path",
      title: "A secret in the address",
      recipe: () => ({ family: "secret", location: { in: "path" } }),
      reading: () => ({
        split: "",
        id: [{ joined: [{ path: "_model" }, { path: "_id" }, { path: "write_date" }], by: "/" }],
        type: [{ path: "_model" }],
        key: { of: "id", source: "https://www.odoo.com/documentation/18.0/applications/studio/automated_actions.html" },
        typeDefault: "event",
        time: [{ path: "write_date" }],
        sameBodyMs: 43_200_000,
      }),
    },
  ],
  retries: {
    tries: "never",
    notNow: 503,
    ends: [],
    source: "https://www.odoo.com/documentation/18.0/applications/studio/automated_actions.html",
  },
  steps: [
    "In Odoo: the record's menu, Automations, or Settings, Technical, Automation Rules: New, action Send Webhook Notification.",
    "URL: {url}",
    "Among the fields, choose Last Updated on (write_date): without it two changes of one day may look alike.",
  ],
};
