import type { PresetApi } from "../../domain/fetch/sender-api.ts";
import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";
import { topicsOf } from "../preset/topics.ts";

/** @see https://shopify.dev/docs/api/webhooks */
const topics = topicsOf("/", {
  app: "uninstalled scopes_update",
  carts: "create update",
  checkouts: "create update delete",
  collections: "create update delete",
  customers: "create update delete disable enable merge purchasing_summary data_request redact",
  customers_email_marketing_consent: "update",
  customers_marketing_consent: "update",
  customer_payment_methods: "create update revoke",
  customer_tags: "added removed",
  disputes: "create update",
  draft_orders: "create update delete",
  fulfillment_events: "create delete",
  fulfillment_holds: "added released",
  fulfillment_orders:
    "cancellation_request_accepted cancellation_request_rejected cancellation_request_submitted cancelled fulfillment_request_accepted fulfillment_request_rejected fulfillment_request_submitted fulfillment_service_failed_to_complete hold_released line_items_prepared_for_local_delivery line_items_prepared_for_pickup manually_reported_progress_stopped merged moved order_routing_complete placed_on_hold progress_reported rescheduled scheduled_fulfillment_order_ready split",
  fulfillments: "create update",
  inventory_items: "create update delete",
  inventory_levels: "connect disconnect update",
  locations: "create update delete activate deactivate",
  order_transactions: "create",
  orders:
    "create cancelled delete edited fulfilled link_requested paid partially_fulfilled risk_assessment_changed shopify_protect_eligibility_changed updated",
  products: "create update delete",
  refunds: "create",
  returns: "approve cancel close decline process reopen request update",
  shop: "update redact",
  subscription_billing_attempts: "challenged failure success",
  subscription_contracts: "activate cancel create expire fail pause update",
  tender_transactions: "create",
});

/**
 * Fetches the order of a fulfillment hold, a dispute or a refund, with its customer. The credential is an Admin API
 * access token of an app installed in the shop.
 *
 * @see https://shopify.dev/docs/api/admin-rest/latest/resources/order
 */
const api: PresetApi = {
  baseUrl: "https://{tenant}",
  hosts: [".myshopify.com"],
  auth: { as: "header", name: "x-shopify-access-token" },
  gets: {
    fulfillment_order: {
      path: '/admin/api/2026-04/fulfillment_orders/{{ data.fulfillment_order.id | split: "/" | last }}.json',
      pick: "fulfillment_order",
    },
    order: {
      path: '/admin/api/2026-04/orders/{% assign words = event.type | split: "/" %}{% assign topic = words | first %}{% if topic == "orders" %}{{ data.id }}{% else %}{{ data.order_id | default: record.fulfillment_order.order_id }}{% endif %}.json',
      pick: "order",
    },
    customer: {
      path: '/admin/api/2026-04/customers/{% assign words = event.type | split: "/" %}{% assign topic = words | first %}{% if topic == "customers" %}{{ data.id }}{% else %}{{ record.order.customer.id | default: data.customer.id }}{% endif %}.json',
      pick: "customer",
    },
  },
};

/**
 * Shopify: the HMAC covers the body alone. Id, topic, shop and time are unsigned headers. Deliveries of the newer
 * "events" repeat the headers without `X-`.
 *
 * @see https://shopify.dev/docs/apps/build/webhooks/subscribe/https
 */
export const shopify: Preset = {
  name: "shopify",
  title: "Shopify",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "shopify-hmac-sha256",
      title: "X-Shopify-Hmac-Sha256",
      secretBy: "sender",
      recipe: () =>
        bodyHmac("x-shopify-hmac-sha256", {
          digest: "base64",
          header: ["x-shopify-hmac-sha256", "shopify-hmac-sha256"],
        }),
      reading: () => ({
        split: "",
        // The event id is shared by several subscriptions, also of different topics, so event id and topic together are
        // unique. The webhook id is shared by the retries of one delivery.
        id: [
          { header: "x-shopify-event-id" },
          { header: "shopify-event-id" },
          { header: "x-shopify-webhook-id" },
          { header: "shopify-webhook-id" },
        ],
        type: [{ header: "x-shopify-topic" }, { header: "shopify-topic" }],
        key: { of: "id_type", source: "https://shopify.dev/docs/apps/build/webhooks/ignore-duplicates" },
        typeDefault: "event",
        time: [
          { path: "updated_at" },
          { path: "created_at" },
          { path: "initiated_at" },
          { header: "x-shopify-triggered-at" },
          { header: "shopify-triggered-at" },
        ],
      }),
      // An app's key signs for every shop that installed it. The header with the shop is unsigned.
      tenant: {
        place: { header: ["x-shopify-shop-domain", "shopify-shop-domain"] },
        mandatory: false,
        ignoreCase: true,
      },
      unsignedFields: ["id", "type", "tenant"],
    },
  ],
  topics,
  api,
  retries: {
    tries: "eight times in four hours; then a subscription that the API made is deleted",
    notNow: 503,
    ends: [],
    source: "https://shopify.dev/docs/apps/build/webhooks/subscribe/https",
  },
  steps: [
    "In the shop's admin: Settings, Notifications, Webhooks, Create webhook.",
    "Event: Order update (orders/updated). Format: JSON. URL: {url}",
    "The secret stands below the list: “Your webhooks will be signed with …”. An app's webhooks are signed with the app's client secret.",
    "Fulfillment holds (fulfillment_holds/added) and disputes (disputes/create) are subscribed to by an app, in its shopify.app.toml or with webhookSubscriptionCreate, uri {url}",
    "Name the shop (acme.myshopify.com) as tenant: an app's secret signs for every shop that installed it.",
  ],
};
