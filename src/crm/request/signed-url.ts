import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { FullSettings } from "../preset/preset.ts";
import type { Templated } from "../preset/recipe.ts";

/** Setting for the URL that the sender calls. Presets whose scheme signs the URL have it. */
const urlSetting = "url";

/** Escapes that HubSpot decodes in a URL before it signs the URL. */
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
 * The URL that the sender calls. The request's own host is never used.
 *
 * @param settings The source's settings: `url` takes precedence over the service's public address. A query that the sender appended stays.
 * @returns null if neither is known
 */
export function signedUrl(settings: FullSettings, request: WebhookRequest): string | null {
  const registered = settings[urlSetting] ?? "";
  if (registered === "") return request.url;
  const search = searchOf(request);
  const at = registered.indexOf("?");
  if (at < 0) return registered + search;
  return search.startsWith(`${registered.slice(at)}&`) ? registered.slice(0, at) + search : registered;
}

/** @returns The spellings of the URL that the sender may have signed. All of them are the same address. */
export function urlSpellings(url: string, how: Templated["url"]): readonly string[] {
  const written =
    how?.decode === "hubspot" ? url.replace(hubspotEscape, (code) => hubspotEscapes[code.toUpperCase()] ?? code) : url;
  return how?.ports === true ? withAndWithoutPort(written) : [written];
}

/** @returns A parameter of the URL's query; null if it is missing or repeated. */
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

/** Changes the port in the text, because parsing and printing a URL changes more. */
function withAndWithoutPort(url: string): readonly string[] {
  const match = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(url);
  if (match === null) return [url];
  const [, scheme = "", host = "", rest = ""] = match;
  const standard = scheme.toLowerCase() === "https" ? ":443" : ":80";
  if (host.endsWith(standard)) return [url, `${scheme}://${host.slice(0, -standard.length)}${rest}`];
  return /:\d+$/.test(host) ? [url] : [url, `${scheme}://${host}${standard}${rest}`];
}
