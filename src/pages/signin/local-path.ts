/** Any origin will do: it only has to be one that nobody can name. */
const base = "https://here.invalid";
const signPages = new Set(["/signin", "/signout"]);

/**
 * Makes the path to go to after signing in harmless: only a path of ours, never another site's address in any spelling
 * (`//host`, `/\host`, `https:`, a tab or line break that browsers drop).
 *
 * @param wanted what a query or a form says; anybody may have written it
 * @returns a local path with its query; `/` for all else, and for the sign-in itself
 */
export function localPath(wanted: unknown): string {
  if (typeof wanted !== "string" || !wanted.startsWith("/")) return "/";
  const url = URL.parse(wanted, base);
  if (url === null || url.origin !== base || signPages.has(url.pathname)) return "/";
  // A path that dot segments shorten to `//host` is an address again.
  return url.pathname.startsWith("//") ? "/" : url.pathname + url.search;
}
