/** A base for parsing. `.invalid` is reserved (RFC 2606), so no path can name this origin. */
const base = "https://here.invalid";
const signPages = new Set(["/signin", "/signout"]);

/**
 * Sanitises the path to open after signing in: it stays on this site in every spelling (`//host`, `/\host`, `https:`, a tab or
 * line break that browsers drop).
 *
 * @param wanted untrusted, from a query or a form
 * @returns a local path with its query; `/` for anything else, and for the sign-in itself
 */
export function localPath(wanted: unknown): string {
  if (typeof wanted !== "string" || !wanted.startsWith("/")) return "/";
  const url = URL.parse(wanted, base);
  if (url === null || url.origin !== base || signPages.has(url.pathname)) return "/";
  // Dot segments can shorten a path to `//host`, which is another site again.
  return url.pathname.startsWith("//") ? "/" : url.pathname + url.search;
}
