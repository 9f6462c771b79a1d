/**
 * Whether a write comes from one of our own pages.
 *
 * Every browser names the origin of a form that it posts. A request that names none, or another, is refused, and so is one
 * that the browser itself says came from elsewhere (`Sec-Fetch-Site`, where it is sent). What is no browser has the API.
 *
 * @param publicUrl where the service is reached, if a proxy makes that differ from the request's own URL
 */
export function isOwnWrite(request: Request, publicUrl: string | null): boolean {
  const origin = request.headers.get("origin");
  const own = [request.url, ...(publicUrl === null ? [] : [publicUrl])].map((url) => new URL(url).origin);
  // An opaque origin calls itself `null`, and so does a sandboxed frame.
  if (origin === null || origin === "null" || !own.includes(origin)) return false;
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin";
}
