import type { EventReading, Preset, TenantReading } from "../preset/preset.ts";
import type { Templated } from "../preset/recipe.ts";
import { ownKey, plainScheme } from "../preset/recipes.ts";
import { locationOf, settingOf } from "../preset/settings.ts";

/** The one public key of GoHighLevel, for all apps and all receivers. */
const publishedKey = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=";

const signed = {
  template: "{body}",
  digest: "base64",
  // Retries repeat the same signed bytes for 70 minutes. `webhookId` is signed, so a replay within the tolerance is a
  // duplicate.
  timestamp: { from: { path: "timestamp" }, format: "iso", toleranceSeconds: 5_400, aheadSeconds: 300 },
} as const satisfies Partial<Templated>;

const reading: EventReading = {
  split: "",
  id: [{ path: "webhookId" }],
  type: [{ path: "type" }],
  key: { of: "id", source: "https://marketplace.gohighlevel.com/docs/webhook/WebhookIntegrationGuide" },
  typeDefault: "event",
  time: [{ path: "timestamp" }],
};

/** Deliveries to every app carry a valid signature. Only the location shows that an event belongs to this source. */
const tenant: TenantReading = { place: { path: "locationId" }, mandatory: true, ignoreCase: false };

/** Places in which a workflow may present the secret. */
const places = ["bearer", "basic", "header", "path"] as const;

/** @see https://marketplace.gohighlevel.com/docs/webhook/WebhookIntegrationGuide */
export const gohighlevel: Preset = {
  name: "gohighlevel",
  title: "GoHighLevel",
  settings: {
    public_key: {
      kind: "text",
      default: publishedKey,
      about: "GoHighLevel's Ed25519 key, where it has published another (the lines of the PEM as one).",
    },
    location: {
      kind: "choice",
      default: "bearer",
      choices: places,
      about: "The place of the secret in a workflow's request.",
    },
    header: { kind: "header", default: "x-api-key", about: "The secret's header, where the location is header." },
  },
  schemes: [
    {
      ...plainScheme,
      name: "gohighlevel-ed25519",
      title: "X-GHL-Signature (webhooks of an app)",
      recipe: (settings) => ({
        ...signed,
        family: "asymmetric",
        algorithm: "ed25519",
        key: "spki",
        publishedKey: settingOf(settings, "public_key"),
        header: "x-ghl-signature",
      }),
      reading: () => reading,
      tenant,
    },
    {
      ...plainScheme,
      name: "gohighlevel-rsa",
      title: "X-WH-Signature (legacy)",
      // The public key of this legacy scheme is the source's secret.
      recipe: () => ({
        ...signed,
        family: "asymmetric",
        algorithm: "rsa-pkcs1-sha256",
        key: "spki",
        header: "x-wh-signature",
      }),
      reading: () => reading,
      tenant,
    },
    {
      ...plainScheme,
      name: "gohighlevel-workflow",
      title: "A shared secret (workflow action Custom Webhook)",
      recipe: (settings) => ({ family: "secret", location: locationOf(settings, places) }),
      reading: () => ({
        split: "",
        id: [{ path: "customData.id" }],
        type: [{ path: "customData.event" }, { path: "workflow.name" }],
        key: ownKey,
        typeDefault: "workflow",
        time: [{ path: "customData.occurred_at" }],
        sameBodyMs: 3_600_000,
      }),
      tenant: { place: { path: "location.id" }, mandatory: false, ignoreCase: false },
      formats: ["json", "form"],
    },
  ],
  retries: {
    tries: "six times, ten minutes apart, after 429 alone",
    notNow: 429,
    ends: [],
    source: "https://help.gohighlevel.com/support/solutions/articles/155000007071-automated-webhook-retries",
  },
  steps: [
    "Name the sub-account's locationId as tenant: GoHighLevel signs for everybody with one key, and no secret is needed.",
    "In the Marketplace: your app, Advanced Settings, Webhooks. Default webhook URL: {url}",
    "Switch on the events, such as OpportunityStageUpdate, and install the app in the sub-account.",
    "Without an app: scheme gohighlevel-workflow, and in the workflow the action Custom Webhook, POST {url}, with the source's secret as bearer token.",
  ],
};
