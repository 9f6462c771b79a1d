// A stand-in of Shopify's Admin REST API, written from its public documentation: orders, customers, fulfillment orders.
import { type Standin, startStandin } from "./server.ts";

type Kind = "orders" | "customers" | "fulfillment_orders";
/** A record in the words of Shopify's own answers. */
type ShopifyRecords = Record<Kind, Map<string, Record<string, unknown>>>;

const single = { orders: "order", customers: "customer", fulfillment_orders: "fulfillment_order" } as const;

/**
 * `GET /admin/api/{version}/{orders|customers|fulfillment_orders}/{id}.json` with an app's access token. A shop's bucket holds forty
 * requests and leaks two a second.
 *
 * @see https://shopify.dev/docs/api/admin-rest/latest/resources/order
 */
export async function startShopify(credential = "shpat_standin"): Promise<Standin & { records: ShopifyRecords }> {
  const records: ShopifyRecords = { orders: new Map(), customers: new Map(), fulfillment_orders: new Map() };
  const kinds = Object.keys(single).filter((name): name is Kind => name in single);
  const standin = await startStandin(
    {
      answer(url) {
        const [, word, id = ""] = /^\/admin\/api\/\d{4}-\d{2}\/(\w+)\/(\d+)\.json$/.exec(url.pathname) ?? [];
        const kind = kinds.find((one) => one === word);
        const found = kind === undefined ? undefined : records[kind].get(id);
        if (kind === undefined || found === undefined) return null;
        const headers = { "x-shopify-shop-api-call-limit": "1/40" };
        return { status: 200, json: { [single[kind]]: { id: Number(id), ...found } }, headers };
      },
      refuse: (headers, token) =>
        headers["x-shopify-access-token"] === token
          ? null
          : {
              status: 401,
              json: { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" },
            },
      missing: { status: 404, json: { errors: "Not Found" } },
    },
    credential,
  );
  return Object.assign(standin, { records });
}
