import type { EventReading, Preset } from "../preset/preset.ts";
import { plainScheme, standardEvent, standardWebhook } from "../preset/recipes.ts";
import { settingOf } from "../preset/settings.ts";

/** `hash` identifies the event. The delivery's own id is the fallback. */
const reading: EventReading = {
  ...standardEvent("webhook"),
  id: [{ path: "hash" }, { header: "webhook-id" }],
  type: [{ path: "scope" }],
  time: [{ path: "created_at" }],
};

/**
 * BigCommerce: events with ids only. It signs as Standard Webhooks, keyed with the bytes of the app's client secret.
 * Some webhooks are not signed; they can carry a custom header with a shared secret.
 *
 * @see https://developer.bigcommerce.com/docs/integrations/webhooks
 */
export const bigcommerce: Preset = {
  name: "bigcommerce",
  title: "BigCommerce",
  settings: {
    header: { kind: "header", default: "x-hookline-secret", about: "The header that was given to the webhook." },
  },
  schemes: [
    {
      ...plainScheme,
      name: "bigcommerce-v1",
      title: "webhook-signature, by the app's client secret",
      secretBy: "sender",
      recipe: () => ({ ...standardWebhook("webhook", "v1"), family: "hmac", algorithm: "sha256", key: "utf8" }),
      reading: () => reading,
      tenant: { place: { path: "producer" }, mandatory: true, ignoreCase: false },
    },
    {
      ...plainScheme,
      name: "bigcommerce-header",
      title: "A secret in a header of one's own",
      recipe: (settings) => ({ family: "secret", location: { in: "header", name: settingOf(settings, "header") } }),
      reading: () => reading,
      tenant: { place: { path: "producer" }, mandatory: false, ignoreCase: false },
    },
  ],
  retries: {
    tries: "for about 48 hours, then the webhook is switched off",
    notNow: 503,
    ends: [],
    source: "https://developer.bigcommerce.com/docs/integrations/webhooks",
  },
  steps: [
    "POST /stores/{store hash}/v3/hooks with destination {url}, scope store/order/statusUpdated and is_active true.",
    "The app's client secret is the source's secret, as it is. Name stores/{store hash} as tenant.",
    'If no webhook-signature header comes: scheme bigcommerce-header, and "headers": {"X-Hookline-Secret": the source\'s secret} in the same request.',
  ],
};
