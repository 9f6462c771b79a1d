import type { Preset } from "../preset/preset.ts";
import { bodyHmac, plainScheme } from "../preset/recipes.ts";
import { topicsOf } from "../preset/topics.ts";

/** Topics that begin with `action.` are WordPress hooks. */
const topics = topicsOf(".", {
  action: "*",
  coupon: "created updated deleted restored",
  customer: "created updated deleted",
  order: "created updated deleted restored",
  product: "created updated deleted restored",
});

/**
 * WooCommerce: the HMAC covers the body alone. Id and topic are unsigned headers. It never retries, and disables a
 * webhook after five failed deliveries.
 *
 * @see https://woocommerce.com/document/webhooks/
 */
export const woocommerce: Preset = {
  name: "woocommerce",
  title: "WooCommerce",
  settings: {},
  schemes: [
    {
      ...plainScheme,
      name: "woocommerce-sha256",
      title: "X-WC-Webhook-Signature",
      recipe: () => bodyHmac("x-wc-webhook-signature", { digest: "base64" }),
      reading: () => ({
        split: "",
        // The delivery id is a hash of the webhook's id and the second, so changes within one second share it. The
        // body's hash tells them apart. This is safe because WooCommerce never retries: only a proxy can repeat a
        // delivery, byte for byte.
        id: [{ header: "x-wc-webhook-delivery-id" }],
        type: [{ header: "x-wc-webhook-topic" }],
        key: {
          of: "id_type_body",
          source:
            "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php",
        },
        typeDefault: "event",
        // Times without `_gmt` are in the shop's time zone, which the payload does not name.
        time: [{ path: "date_modified_gmt" }, { path: "date_created_gmt" }],
      }),
      unsignedFields: ["id", "type"],
      // Sent when the webhook is saved. WooCommerce enables the webhook only after a 200.
      handshakes: [{ kind: "unsigned_ping", field: "webhook_id" }],
    },
  ],
  topics,
  retries: {
    tries: "never; five failures in a row switch the webhook off",
    notNow: 503,
    ends: [],
    source: "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/includes/class-wc-webhook.php",
  },
  steps: [
    "In WordPress: WooCommerce, Settings, Advanced, Webhooks, Add webhook.",
    "Delivery URL: {url}",
    "Status: Active. Topic: Order updated. API version: WP REST API Integration v3.",
    "Secret: the source's secret, the same text.",
    "Save. WooCommerce does not try again: after an outage save an order once more, or replay it by hand.",
  ],
};
