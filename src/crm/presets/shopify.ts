import type { Preset } from "../../domain/source.ts";

/**
 * Shopify: the HMAC covers the body alone, all else stands in unsigned headers. Deliveries of the newer "events" repeat the
 * headers without `X-`.
 *
 * @see https://shopify.dev/docs/apps/build/webhooks/subscribe/https
 */
export const shopify: Preset = {
  name: "shopify",
  title: "Shopify",
  settings: {},
  recipe: () => ({
    family: "hmac",
    algorithm: "sha256",
    key: "utf8",
    digest: "base64",
    template: "{body}",
    header: ["x-shopify-hmac-sha256", "shopify-hmac-sha256"],
  }),
  reading: () => ({
    split: "",
    // The event id is one over several subscriptions; the webhook id is one over the retries of one delivery.
    id: [
      { header: "x-shopify-event-id" },
      { header: "shopify-event-id" },
      { header: "x-shopify-webhook-id" },
      { header: "shopify-webhook-id" },
    ],
    type: [{ header: "x-shopify-topic" }, { header: "shopify-topic" }],
    typeDefault: "event",
    time: [
      { path: "updated_at" },
      { path: "created_at" },
      { header: "x-shopify-triggered-at" },
      { header: "shopify-triggered-at" },
    ],
  }),
  // An app's key signs for every shop that installed it, and the shop's header is not signed.
  tenant: {
    place: { header: ["x-shopify-shop-domain", "shopify-shop-domain"] },
    mandatory: false,
    ignoreCase: true,
  },
  unsignedFields: ["id", "type", "tenant"],
  publicSecrets: [],
  answer: null,
};
