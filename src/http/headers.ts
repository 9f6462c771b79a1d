import type { MiddlewareHandler } from "hono";

/**
 * Default headers of API responses: no caching, no content sniffing, no framing, no scripts. Without a CORS header, no
 * other origin can read them.
 */
export const apiHeaders: MiddlewareHandler = async function apiHeaders(c, next) {
  await next();
  const { headers } = c.res;
  const set = (name: string, value: string) => headers.has(name) || headers.set(name, value);
  set("cache-control", "no-store");
  set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  set("cross-origin-resource-policy", "same-origin");
  set("referrer-policy", "no-referrer");
  set("strict-transport-security", "max-age=31536000");
  set("x-content-type-options", "nosniff");
  set("x-frame-options", "DENY");
};
