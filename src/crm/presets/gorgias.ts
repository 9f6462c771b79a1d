import type { EventReading, Preset, Scheme } from "../preset/preset.ts";
import { ownKey, plainScheme } from "../preset/recipes.ts";
import { settingOf } from "../preset/settings.ts";

/**
 * The body is the administrator's template. Events have no id. Event, ticket and time of change identify one if the
 * template sends all three.
 */
const reading: EventReading = {
  split: "",
  id: [{ path: "event_id" }, { joined: [{ path: "event" }, { path: "ticket_id" }, { path: "updated_at" }], by: "/" }],
  type: [{ path: "event" }],
  key: ownKey,
  typeDefault: "ticket",
  time: [{ path: "updated_at" }],
  sameBodyMs: 600_000,
};

const scheme = { ...plainScheme, reading: () => reading, formats: ["json", "form"] } satisfies Partial<Scheme>;

/**
 * Gorgias: HTTP integrations. Unsigned; the administrator sets the headers.
 *
 * @see https://docs.gorgias.com/en-US/http-integrations-81822
 */
export const gorgias: Preset = {
  name: "gorgias",
  title: "Gorgias",
  settings: { header: { kind: "header", default: "x-hookline-key", about: "The secret's header (gorgias-header)." } },
  schemes: [
    {
      ...scheme,
      name: "gorgias-header",
      title: "A header",
      recipe: (settings) => ({ family: "secret", location: { in: "header", name: settingOf(settings, "header") } }),
    },
    {
      ...scheme,
      name: "gorgias-basic",
      title: "Authorization: Basic",
      recipe: () => ({ family: "secret", location: { in: "basic" } }),
    },
  ],
  retries: {
    tries: "is not documented",
    notNow: 503,
    ends: [],
    source: "https://docs.gorgias.com/en-US/http-integrations-81822",
  },
  steps: [
    "In Gorgias: Settings, App store, HTTP integration, Add HTTP integration.",
    "URL: {url}. Method POST, request content type application/json. Header x-hookline-key: the source's secret.",
    "Trigger: Ticket updated. One integration for each trigger, each with an event of its own in the body.",
    'Request body: {"event": "ticket.updated", "ticket_id": "{{ticket.id}}", "updated_at": "{{ticket.updated_datetime}}", "subject": "{{ticket.subject}}", "status": "{{ticket.status}}", "name": "{{ticket.customer.name}}", "customer_id": "{{ticket.customer.id}}"}',
    "Send ticket_id and updated_at always: without them the same words within ten minutes are one event.",
  ],
};
