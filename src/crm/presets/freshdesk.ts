import type { EventReading, Preset, Scheme } from "../preset/preset.ts";
import { ownKey, plainScheme } from "../preset/recipes.ts";
import { settingOf } from "../preset/settings.ts";

/**
 * Simple content arrives under `freshdesk_webhook`; advanced content is the administrator's own. Events have no id.
 * Event, ticket and time of change identify one if the template sends all three. Otherwise identical bodies are one
 * event for ten minutes.
 */
const reading: EventReading = {
  split: "",
  id: [{ path: "event_id" }, { joined: [{ path: "event" }, { path: "ticket_id" }, { path: "updated_at" }], by: "/" }],
  type: [{ path: "event" }, { path: "freshdesk_webhook.triggered_event" }],
  key: ownKey,
  typeDefault: "ticket",
  time: [{ path: "updated_at" }],
  sameBodyMs: 600_000,
};

const scheme = { ...plainScheme, reading: () => reading, formats: ["json", "form"] } satisfies Partial<Scheme>;

/**
 * Freshdesk: the action "Trigger webhook" of an automation. Unsigned.
 *
 * @see https://support.freshdesk.com/support/solutions/articles/132589
 */
export const freshdesk: Preset = {
  name: "freshdesk",
  title: "Freshdesk",
  settings: { header: { kind: "header", default: "x-hookline-key", about: "The secret's header (freshdesk-header)." } },
  schemes: [
    {
      ...scheme,
      name: "freshdesk-header",
      title: "A custom header",
      recipe: (settings) => ({ family: "secret", location: { in: "header", name: settingOf(settings, "header") } }),
    },
    {
      ...scheme,
      name: "freshdesk-basic",
      title: "Requires authentication",
      recipe: () => ({ family: "secret", location: { in: "basic" } }),
    },
    {
      ...scheme,
      name: "freshdesk-path",
      title: "The secret in the address, where the plan has no headers",
      recipe: () => ({ family: "secret", location: { in: "path" } }),
    },
  ],
  retries: {
    tries: "three times: after 5, 30 and 60 minutes",
    notNow: 503,
    ends: [],
    source:
      "https://supportsandbox.freshdesk.com/support/solutions/articles/11000000028141-receiving-webhook-failure-emails",
  },
  steps: [
    "In Freshdesk: Admin, Workflows, Automations, Ticket Updates, New rule.",
    "Action Trigger webhook: POST, {url}, encoding JSON. Custom headers: x-hookline-key: and the source's secret.",
    "Or Requires authentication, with a user name and the secret as password: settings.scheme freshdesk-basic.",
    'Content, Advanced: {"event": "ticket.escalated", "ticket_id": "{{ticket.id}}", "updated_at": "{{ticket.modified_on}}", "subject": "{{ticket.subject}}", "name": "{{ticket.contact.name}}", "phone": "{{ticket.contact.phone}}", "mobile": "{{ticket.contact.mobile}}", "order": "{{ticket.cf_order_number}}"}',
    "Send ticket_id and updated_at always: without them the same words within ten minutes are one event.",
  ],
};
