/** A base for parsing. `.invalid` never resolves (RFC 2606, section 2), so no path can name this origin. */
const base = "https://here.invalid";
const signPages = new Set(["/signin", "/signout"]);

/**
 * Prevents an open redirect after signing in (RFC 6749, section 10.15; OWASP ASVS 5.0, 3.7.2).
 *
 * Refused: every spelling that a browser would resolve to another site, such as `//host`, `/\host`, `https:`, or a tab
 * or line break that browsers drop. The check parses the text as a browser does, instead of searching it for patterns.
 *
 * @param wanted Untrusted text from a query or a form.
 * @returns A local path with its query; `/` for anything else, and for the sign-in pages.
 */
export function localPath(wanted: unknown): string {
  if (typeof wanted !== "string" || !wanted.startsWith("/")) return "/";
  const url = URL.parse(wanted, base);
  if (url === null || url.origin !== base || signPages.has(url.pathname)) return "/";
  // Dot segments can shorten a path to `//host`, which names another site.
  return url.pathname.startsWith("//") ? "/" : url.pathname + url.search;
}
