/** Rate limits in senders' response headers. */
import { retryAfterMs } from "../../platform/retry-after.ts";

/** A longer pause is no pause that a sender means, but a malformed header. */
const senderPauseMaxMs = 1_000_000_000_000;

/** @returns milliseconds for which a sender asks to wait; `null` if its `Retry-After` is missing, malformed or absurd */
export function senderPauseMs(value: string | null, nowMs: number): number | null {
  const asked = retryAfterMs(value, nowMs);
  return asked === null || asked < 0 || asked >= senderPauseMaxMs ? null : asked;
}

/** Whether HubSpot's or Shopify's headers say that no request is left in the current window. */
export function spentBudget(headers: { get(name: string): string | null }): boolean {
  const [used, most] = (headers.get("x-shopify-shop-api-call-limit") ?? "").split("/").map(Number);
  if (used !== undefined && most !== undefined && most > 0 && used >= most) return true;
  return headers.get("x-hubspot-ratelimit-remaining") === "0";
}
