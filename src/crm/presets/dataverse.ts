import type { EventReading, Preset, TenantReading } from "../preset/preset.ts";
import { plainScheme } from "../preset/recipes.ts";
import { settingOf } from "../preset/settings.ts";

const reading: EventReading = {
  split: "",
  // One operation may run several steps. Correlation and operation together identify an event.
  id: [{ joined: [{ path: "CorrelationId" }, { path: "OperationId" }], by: "/" }],
  type: [{ joined: [{ path: "PrimaryEntityName" }, { path: "MessageName" }], by: "." }],
  key: { of: "id", source: "https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks" },
  typeDefault: "event",
  time: [{ path: "OperationCreatedOn" }],
};

const tenant: TenantReading = { place: { path: "OrganizationId" }, mandatory: false, ignoreCase: true };

/**
 * Dynamics 365 and Dataverse: the secret is the one registered with the endpoint. Bodies over 256 KiB arrive without
 * their parameters, which then have to be fetched.
 *
 * @see https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks
 */
export const dataverse: Preset = {
  name: "dataverse",
  title: "Dynamics 365 (Dataverse)",
  settings: {
    header: { kind: "header", default: "x-hookline-key", about: "The secret's header, as registered (HttpHeader)." },
  },
  schemes: [
    {
      ...plainScheme,
      name: "dataverse-header",
      title: "HttpHeader",
      recipe: (settings) => ({ family: "secret", location: { in: "header", name: settingOf(settings, "header") } }),
      reading: () => reading,
      tenant,
    },
    {
      ...plainScheme,
      name: "dataverse-webhookkey",
      title: "WebhookKey (?code=)",
      recipe: () => ({ family: "secret", location: { in: "query", name: "code" } }),
      reading: () => reading,
      tenant,
    },
  ],
  retries: {
    tries: "once, after 502, 503 and 504 alone",
    notNow: 503,
    ends: [],
    source: "https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks",
  },
  steps: [
    "In the Plug-in Registration Tool: Register, Register New Web Hook.",
    "Endpoint URL: {url}. Authentication: HttpHeader, key x-hookline-key, value the source's secret.",
    "Register a step, asynchronous: message Update, entity incident, and the columns that matter.",
  ],
};
