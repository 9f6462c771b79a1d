const apiPath = "/api/v1";

/**
 * Makes the API's address of what was configured: `https://acme.mihu.ai`, with or without `/api/v1`, with or without a slash
 * at its end.
 *
 * @returns The address without a slash at its end.
 * @throws Error, which does not repeat the text, when it is no http or https URL, or has credentials, a query or a fragment:
 * `fetch` refuses such URLs, and a call would end as unknown that was never sent.
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
