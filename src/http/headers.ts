import type { MiddlewareHandler } from "hono";

/**
 * Default headers of every response: it is not cached, sniffed, framed or run, and no other origin may read it (there is no CORS
 * header).
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
