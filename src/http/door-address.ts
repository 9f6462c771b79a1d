/**
 * Addresses of webhooks as people and tools write them. Pure.
 *
 * An address that can only mean one source is that source's: a slash more at its end (Tasker, many editors), a doubled slash (a base
 * address with a slash, and a path with one), capitals in the source's name, a blank that was copied with it. What was signed is the
 * address as it was written.
 */
import { headerCharactersMax } from "../domain/limits.ts";

/** The source's slug, and the key behind it: a secret, for senders that have no other place for one. */
export type DoorAddress = { readonly slug: string; readonly key: string | null };

/** The key may hold slashes: base64 has them. */
const webhookPath = /^\/+in\/+([^/]+)(?:\/(.*))?$/s;

/** Names of a query's parameter that holds a secret. */
const secretParameter =
  /^(?:[\w-]*[_-])?(?:secret|token|api[_-]?key|key|pass|password|auth|authorization|credential|hash|signature|sig)$/i;

/** A shop's own name for an order, which ends like one. */
const dataParameter = /^order[_-]key$/i;

/** @returns Whether a URL is one of webhooks. Runs for every request, so it does not parse the URL. */
export function isDoorUrl(url: string): boolean {
  let path = url.indexOf("/", url.indexOf("//") + 2);
  while (url.charCodeAt(path + 1) === 0x2f) path++;
  return url.startsWith("/in/", path);
}

/** @returns The address that a URL names; null if it names no source. */
export function doorAddress(url: string): DoorAddress | null {
  const match = webhookPath.exec(pathOf(url));
  if (match === null) return null;
  const [, slug = "", rest = ""] = match;
  const key = /^\/*$/.test(rest) ? null : decoded(rest).slice(0, headerCharactersMax);
  return { slug: decoded(slug).trim().toLowerCase(), key };
}

/**
 * Whether a GET only asks if something is there, as a CRM's button "Test URL" does. A GET with data is a sender that was set to the
 * wrong method: behind a 200 it would lose its events. Which parameter is the secret's cannot be asked of the source here, so one
 * that is named like a secret counts.
 */
export function isProbe(request: Request): boolean {
  if (request.method === "HEAD") return true;
  if (request.method !== "GET") return false;
  const { headers, url } = request;
  if (headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0) return false;
  const at = url.indexOf("?");
  const names = at < 0 ? [] : [...new URLSearchParams(url.slice(at)).keys()];
  const [name = "", ...others] = names;
  return names.length === 0 || (others.length === 0 && secretParameter.test(name) && !dataParameter.test(name));
}

function pathOf(url: string): string {
  const from = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.slice(from).search(/[?#]/);
  return end < 0 ? url.slice(from) : url.slice(from, from + end);
}

function decoded(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
