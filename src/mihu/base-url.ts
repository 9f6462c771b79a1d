const apiPath = "/api/v1";

/**
 * Normalizes the configured address of the API: `https://acme.mihu.ai`, with or without `/api/v1` and a trailing slash.
 *
 * @returns The address without a trailing slash.
 * @throws Error for a text that `fetch` would reject: no http or https URL, or one with credentials, a query or a
 *   fragment. Otherwise each call would end as `unknown` without having been sent. The message does not repeat the
 *   text.
 */
export function apiBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error("The Mihu base URL is no http or https URL.");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new Error("The Mihu base URL must have no credentials, query or fragment.");
  }
  const path = url.pathname.replace(/\/+$/, "");
  return `${url.origin}${path.endsWith(apiPath) ? path : `${path}${apiPath}`}`;
}
