/**
 * URLs from which records may be fetched (SSRF protection). The base comes from a preset or an administrator. The path
 * comes from a template into which a stranger's event writes ids.
 *
 * Refused: a base on an internal network, and a path that leaves its base.
 *
 * Not guaranteed: a public name may resolve to a private address. The network must refuse that.
 */

import { hostMistake, isHost, isLoopback, isPlainUrlText, urlCharactersMax } from "./public-host.ts";
import type { PresetApi, SourceApi } from "./sender-api.ts";

/**
 * `hosts`: the only allowed ones, with `.name` for all subdomains; empty for any public one. `local`: this machine is
 * allowed too.
 */
type BaseRules = { readonly hosts: readonly string[]; readonly local: boolean };

export type CheckedBase =
  | { readonly ok: true; readonly base: string }
  /** The mistake, as the rest of a sentence that begins with the field. */
  | { readonly ok: false; readonly reason: string };

/** @returns The base without a trailing slash, or the reason for refusing it. */
function checkBase(text: string, { hosts, local }: BaseRules): CheckedBase {
  const refuse = (reason: string): CheckedBase => ({ ok: false, reason });
  if (!isPlainUrlText(text)) return refuse("is not a URL such as https://api.example.com");
  const written = /^(https?):\/\/([^/?#]*)([^?#]*)$/.exec(text);
  if (written === null || !URL.canParse(text)) return refuse("is not a URL such as https://api.example.com");
  const [, , authority = "", path = ""] = written;
  if (authority.includes("@")) return refuse("has a user or a password; put them into the credential");
  if (!/^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.test(authority)) return refuse("must name a host");
  if (isDevious(path)) return refuse("must not have . or .. steps, or encoded slashes or dots, in its path");
  const url = new URL(text);
  const here = local && isLoopback(url.hostname);
  if (!here) {
    if (url.protocol !== "https:") return refuse("must begin with https://");
    const wrong = hostMistake(url.hostname);
    if (wrong !== null) return refuse(wrong);
    if (hosts.length > 0 && (url.port !== "" || !hosts.some((host) => isHost(url.hostname, host))))
      return refuse(`must be at ${hosts.map((host) => (host.startsWith(".") ? `*${host}` : host)).join(" or ")}`);
  }
  return { ok: true, base: url.href.replace(/\/+$/, "") };
}

/** The part of a source that determines the URL of its sender's API. */
type ApiPlace = {
  readonly tenant: string | null;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly api?: SourceApi | null;
};

/**
 * @param preset The preset's API, if it has one.
 * @param local Whether this machine is allowed besides the preset's hosts.
 * @returns The base URL of a source's API: the preset's, or the source's own `api.base_url` if the preset leaves it
 *   open.
 */
export function checkApiBase(preset: PresetApi | undefined, source: ApiPlace, local: boolean): CheckedBase {
  const own = source.api?.base_url;
  const template = preset?.baseUrl ?? null;
  const hosts = preset?.hosts ?? [];
  if (own !== undefined) {
    const checked = checkBase(own, { hosts, local });
    const isFixed = template !== null && !template.includes("{");
    if (!checked.ok || !isFixed || (local && isLoopback(new URL(checked.base).hostname))) return checked;
    return { ok: false, reason: `must be left out: the preset's API is at ${template}` };
  }
  if (template === null)
    return { ok: false, reason: "is missing: give the API's address, such as https://api.example.com" };
  let missing: string | null = null;
  const made = template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = name === "tenant" ? source.tenant : source.settings[name];
    if (typeof value === "string" && /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(value)) return value;
    missing ??= name === "tenant" ? "tenant" : `settings.${name}`;
    return "";
  });
  if (missing !== null)
    return { ok: false, reason: `is not known: it is ${template}, so set ${missing}, or set it here` };
  return checkBase(made, { hosts, local });
}

/** @returns The URL of a path below a checked base; null if the path would leave it. */
export function urlBelow(base: string, path: string): string | null {
  if (path.length > urlCharactersMax || !/^\/[\x21-\x7e]*$/.test(path) || /[\\#]/.test(path)) return null;
  const [way = ""] = path.split("?", 1);
  if (isDevious(way) || way.includes("//") || !URL.canParse(base + path)) return null;
  const [made, from] = [new URL(base + path), new URL(base)];
  const below = from.pathname === "/" ? "/" : `${from.pathname}/`;
  return made.origin === from.origin && made.pathname.startsWith(below) && made.username === "" ? made.href : null;
}

/**
 * Whether the fixed text of a path template already makes every result invalid for {@link urlBelow}.
 *
 * @param template Liquid.
 */
export function leadsAway(template: string): boolean {
  const written = template.split(/\{\{.*?\}\}|\{%.*?%\}/s);
  // The values beside a fixed piece are plain ids, so they contain no path step.
  return written.some((piece) => /[\\#]/.test(piece) || isDevious(`x${piece}x`));
}

/** Steps up, and spellings that some servers read as a slash or a dot. */
function isDevious(path: string): boolean {
  return /%(?:2e|2f|5c|00|25)/i.test(path) || path.split("/").some((step) => step === "." || step === "..");
}
