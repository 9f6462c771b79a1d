/**
 * The URL inside a canonical string.
 *
 * Refused: the request's own `Host` and `X-Forwarded-*` headers. A sender of forged requests controls them, so the URL
 * comes from the source's settings or from `PUBLIC_URL`.
 *
 * Not guaranteed: a proxy that rewrites the path or the query breaks such a signature. The signature doctor looks for
 * that.
 */

import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { FullSettings } from "../preset/preset.ts";
import type { Templated } from "../preset/recipe.ts";

/** Setting for the URL as registered with the sender, for presets that sign the URL. */
const urlSetting = "url";

/** Escapes that HubSpot decodes before it signs a URL. */
const hubspotEscapes: Readonly<Record<string, string>> = {
  "%3A": ":",
  "%2F": "/",
  "%3F": "?",
  "%40": "@",
  "%21": "!",
  "%24": "$",
  "%27": "'",
  "%28": "(",
  "%29": ")",
  "%2A": "*",
  "%2C": ",",
  "%3B": ";",
};
const hubspotEscape = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/**
 * @param settings The source's settings. `url` takes precedence over the service's public address. A query that the
 *   sender appended is included.
 * @returns The URL that the sender calls; null if it is unknown.
 */
export function signedUrl(settings: FullSettings, request: WebhookRequest): string | null {
  const registered = settings[urlSetting] ?? "";
  if (registered === "") return request.url;
  const search = searchOf(request);
  const at = registered.indexOf("?");
  if (at < 0) return registered + search;
  return search.startsWith(`${registered.slice(at)}&`) ? registered.slice(0, at) + search : registered;
}

/** @returns Spellings of the URL that the sender may have signed. All of them are the same address. */
export function urlSpellings(url: string, how: Templated["url"]): readonly string[] {
  const written =
    how?.decode === "hubspot" ? url.replace(hubspotEscape, (code) => hubspotEscapes[code.toUpperCase()] ?? code) : url;
  return how?.ports === true ? withAndWithoutPort(written) : [written];
}

/** @returns A query parameter's value; null if it is missing or repeated. */
export function parameterOf(url: string, name: string): string | null {
  const at = url.indexOf("?");
  const values = at < 0 ? [] : new URLSearchParams(url.slice(at)).getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}

function searchOf({ search, url }: WebhookRequest): string {
  if (search !== undefined) return search;
  const at = url?.indexOf("?") ?? -1;
  return url === null || at < 0 ? "" : url.slice(at);
}

/** Edits the text instead of parsing it: printing a parsed URL would change more than the port. */
function withAndWithoutPort(url: string): readonly string[] {
  const match = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(url);
  if (match === null) return [url];
  const [, scheme = "", host = "", rest = ""] = match;
  const standard = scheme.toLowerCase() === "https" ? ":443" : ":80";
  if (host.endsWith(standard)) return [url, `${scheme}://${host.slice(0, -standard.length)}${rest}`];
  return /:\d+$/.test(host) ? [url] : [url, `${scheme}://${host}${standard}${rest}`];
}
