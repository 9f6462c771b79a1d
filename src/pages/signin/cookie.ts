/**
 * The session cookie.
 *
 * Refused, by the browser itself: a cookie set without `Secure`, with a `Domain`, or by a subdomain. The prefix
 * `__Host-` asks for that (RFC 6265bis, section 4.1.3.2; OWASP ASVS 5.0, 3.3.3). `HttpOnly` hides the value from
 * scripts (ASVS 3.3.4).
 *
 * Not guaranteed: `SameSite=Lax` does not stop every cross-site write, so `origin.ts` checks each one. A stolen cookie
 * works until its session ends.
 */

import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

const attributes = { prefix: "host", path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;
const name = "session";

/** @returns The session cookie's value; null if the request has no session cookie. */
export function readSession(c: Context): string | null {
  return getCookie(c, name, "host") ?? null;
}

/** @param seconds Lifetime of the cookie in the browser. The session itself ends on the server. */
export function setSession(c: Context, value: string, seconds: number): void {
  setCookie(c, name, value, { ...attributes, maxAge: seconds });
}

export function clearSession(c: Context): void {
  deleteCookie(c, name, attributes);
}
