/** What senders say of their limits. */

/**
 * @param value of `Retry-After`: seconds, or an HTTP date
 * @returns how long to wait; `null`: it does not say
 */
export function retryAfterMs(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d{1,9}(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const at = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** Whether the sender says that the next request would be one too many: HubSpot's and Shopify's headers. */
export function spentBudget(headers: { get(name: string): string | null }): boolean {
  const [used, most] = (headers.get("x-shopify-shop-api-call-limit") ?? "").split("/").map(Number);
  if (used !== undefined && most !== undefined && most > 0 && used >= most) return true;
  return headers.get("x-hubspot-ratelimit-remaining") === "0";
}
