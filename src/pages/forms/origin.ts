/**
 * Protects writes from cross-site request forgery (OWASP ASVS 5.0, 3.5.1; RFC 6749, section 10.12).
 *
 * Refused: a write without `Origin`, with a foreign or opaque one, or with a `Sec-Fetch-Site` other than `same-origin`.
 * Every browser sends `Origin` with a form. Other clients use the API, whose tokens no browser sends by itself.
 *
 * Not guaranteed: a client that is no browser can send any `Origin`. It gains nothing without a session cookie.
 *
 * @param publicUrl The service's public address, if a proxy makes it differ from the request's URL.
 */
export function isOwnWrite(request: Request, publicUrl: string | null): boolean {
  const origin = request.headers.get("origin");
  const own = [request.url, ...(publicUrl === null ? [] : [publicUrl])].map((url) => new URL(url).origin);
  // Sandboxed frames and other opaque origins send `null`.
  if (origin === null || origin === "null" || !own.includes(origin)) return false;
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin";
}
