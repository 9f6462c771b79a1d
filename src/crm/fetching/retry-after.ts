/** Rate limits in senders' response headers. */

/**
 * @param value of `Retry-After`: seconds, or an HTTP date (RFC 9110, section 10.2.3)
 * @returns milliseconds to wait; `null` if the header is missing or malformed
 */
export function retryAfterMs(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d{1,9}(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const at = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** Whether HubSpot's or Shopify's headers say that no request is left in the current window. */
export function spentBudget(headers: { get(name: string): string | null }): boolean {
  const [used, most] = (headers.get("x-shopify-shop-api-call-limit") ?? "").split("/").map(Number);
  if (used !== undefined && most !== undefined && most > 0 && used >= most) return true;
  return headers.get("x-hubspot-ratelimit-remaining") === "0";
}
