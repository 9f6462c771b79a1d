import type { WebhookRequest } from "../domain/events/webhook.ts";

/**
 * The request's URL as its sender signed it: the configured address, with path and query as they arrived. The `Host`
 * header is not used, because any client can set it. The path is cut from the text, because parsing would normalize it.
 */
export function asWritten(requested: string, address: string | null): Pick<WebhookRequest, "url" | "query" | "search"> {
  const path = requested.slice(requested.indexOf("/", requested.indexOf("//") + 2));
  const url = address === null ? null : address + path;
  const at = path.indexOf("?");
  if (at < 0) return { url, search: "" };
  const search = path.slice(at);
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search))
    Object.defineProperty(query, name, {
      value: Object.hasOwn(query, name) ? `${query[name]}, ${value}` : value,
      enumerable: true,
      configurable: true,
    });
  return { url, search, query };
}
