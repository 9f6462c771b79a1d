/** Rate limits in the response headers of senders' APIs. */
import { retryAfterMs } from "../../platform/retry-after.ts";

/** Longest plausible `Retry-After`. A larger value is a malformed header. */
const senderPauseMaxMs = 1_000_000_000_000;

/**
 * @returns The pause that a sender asks for, in milliseconds; null if `Retry-After` is missing, malformed or
 *   implausible.
 */
export function senderPauseMs(value: string | null, nowMs: number): number | null {
  const asked = retryAfterMs(value, nowMs);
  return asked === null || asked < 0 || asked >= senderPauseMaxMs ? null : asked;
}

/** Whether the rate-limit headers of HubSpot or Shopify report an exhausted window. */
export function spentBudget(headers: { get(name: string): string | null }): boolean {
  const [used, most] = (headers.get("x-shopify-shop-api-call-limit") ?? "").split("/").map(Number);
  if (used !== undefined && most !== undefined && most > 0 && used >= most) return true;
  return headers.get("x-hubspot-ratelimit-remaining") === "0";
}
