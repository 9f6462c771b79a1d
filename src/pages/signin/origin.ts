/**
 * Whether a write comes from one of our own pages.
 *
 * Every browser sends `Origin` with a form. A request with no origin or another one is refused, and so is one whose
 * `Sec-Fetch-Site` names another site. Other clients have the API.
 *
 * @param publicUrl the service's public address, if a proxy makes it differ from the request's URL
 */
export function isOwnWrite(request: Request, publicUrl: string | null): boolean {
  const origin = request.headers.get("origin");
  const own = [request.url, ...(publicUrl === null ? [] : [publicUrl])].map((url) => new URL(url).origin);
  // Opaque origins and sandboxed frames send `null`.
  if (origin === null || origin === "null" || !own.includes(origin)) return false;
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin";
}
