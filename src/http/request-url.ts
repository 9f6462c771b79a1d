import type { WebhookRequest } from "../domain/events/webhook.ts";

/**
 * Path and query as they came, below the service's own address: whatever the request says of its host is anybody's word. By text,
 * because that is what was signed, and because most schemes do not look.
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
