import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";

/** `__Host-`: the browser itself refuses it without Secure, with a Domain, or from a sub-domain (RFC 6265bis, section 4.1.3). */
const attributes = { prefix: "host", path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;
const name = "session";

/** @returns the session cookie's value, if the request has one. */
export function readSession(c: Context): string | null {
  return getCookie(c, name, "host") ?? null;
}

/** @param seconds the cookie's lifetime in the browser; the session itself ends on the server */
export function setSession(c: Context, value: string, seconds: number): void {
  setCookie(c, name, value, { ...attributes, maxAge: seconds });
}

export function clearSession(c: Context): void {
  deleteCookie(c, name, attributes);
}
