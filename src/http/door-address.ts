/**
 * URLs of webhooks, in the spellings that people and tools produce.
 *
 * An address that can only mean one source is accepted: an extra slash at its end, a doubled slash between base URL and
 * path, capitals in the source's name, a copied blank. Signatures are verified over the address as it was sent.
 */
import { headerCharactersMax } from "../domain/limits.ts";

/** The source's slug, and the key after it: a secret, for senders that can present one nowhere else. */
export type DoorAddress = { readonly slug: string; readonly key: string | null };

/** The key may contain slashes, because base64 does. */
const webhookPath = /^\/+in\/+([^/]+)(?:\/(.*))?$/s;

/** Names of query parameters that hold a secret. */
const secretParameter =
  /^(?:[\w-]*[_-])?(?:secret|token|api[_-]?key|key|pass|password|auth|authorization|credential|hash|signature|sig)$/i;

/** A parameter that identifies an order, although its name ends like a secret's. */
const dataParameter = /^order[_-]key$/i;

/** @returns Whether a URL is a webhook's. Runs for every request, so the URL is not parsed. */
export function isDoorUrl(url: string): boolean {
  let path = url.indexOf("/", url.indexOf("//") + 2);
  while (url.charCodeAt(path + 1) === 0x2f) path++;
  return url.startsWith("/in/", path);
}

/** @returns The address in a URL; null if it names no source. */
export function doorAddress(url: string): DoorAddress | null {
  const match = webhookPath.exec(pathOf(url));
  if (match === null) return null;
  const [, slug = "", rest = ""] = match;
  const key = /^\/*$/.test(rest) ? null : decoded(rest).slice(0, headerCharactersMax);
  return { slug: decoded(slug).trim().toLowerCase(), key };
}

/**
 * Whether a request only tests that the URL exists, as a CRM's "Test URL" button does. A GET with data comes from a
 * sender with the wrong method, and a 200 would lose its events. The source's settings are not known here, so a single
 * parameter with the name of a secret counts as no data.
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
