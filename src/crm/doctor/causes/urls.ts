/** Other URLs that a sender may have signed. */
import type { WebhookRequest } from "../../../domain/events/webhook.ts";
import { headerOf } from "../../request/paths.ts";
import { signs } from "../../request/signed-text.ts";
import type { Axis } from "../trial.ts";

/** URLs to try. Each costs one signature. */
const urlsMax = 48;

/** Scheme, host, path, query. */
type Parts = readonly [string, string, string, string];

export const otherUrls: Axis = function* otherUrls(_patient, base) {
  const { recipe, url } = base;
  if (recipe.family === "secret") return;
  if (recipe.family === "jwt" ? recipe.audience === null || "text" in recipe.audience : !coversUrl(recipe)) return;
  for (const signed of variantsOf(url, base.request))
    yield {
      ...base,
      url: signed,
      findings: [...base.findings, { kind: "url", signed: shown(signed), saw: url === null ? null : shown(url) }],
    };
};

function coversUrl(recipe: Parameters<typeof signs>[0]): boolean {
  return signs(recipe, "url") || recipe.bodyDigest !== undefined;
}

/** Candidate URLs from the request's headers and the configured address, the most similar first. */
function variantsOf(url: string | null, request: WebhookRequest): readonly string[] {
  const own = partsOf(url);
  const seen = partsOf(request.url);
  const from = own ?? seen;
  const hosts = [from?.[1], seen?.[1], headerOf(request.headers, "x-forwarded-host"), headerOf(request.headers, "host")]
    .filter((host): host is string => typeof host === "string" && /^[\w.:[\]-]{1,255}$/.test(host))
    .flatMap((host) => [host, host.replace(/:\d+$/, "")]);
  if (from === null || hosts.length === 0) return [];
  const paths = [from[2], slashed(from[2]), ...(seen === null ? [] : [seen[2], slashed(seen[2])])];
  const queries = [from[3], "", request.search ?? seen?.[3] ?? ""];
  const found = new Map<string, number>();
  for (const scheme of ["https", "http"])
    for (const host of unique(hosts))
      for (const path of unique(paths))
        for (const query of unique(queries)) {
          const made: Parts = [scheme, host, path, query];
          const text = `${scheme}://${host}${path}${query}`;
          if (text !== url && !found.has(text))
            found.set(text, made.filter((part, index) => part !== from[index]).length);
        }
  return [...found]
    .sort(([, one], [, other]) => one - other)
    .slice(0, urlsMax)
    .map(([text]) => text);
}

function partsOf(url: string | null): Parts | null {
  const match = url === null ? null : /^(https?):\/\/([^/?#]+)([^?#]*)(\?[^#]*)?/i.exec(url);
  return match === null ? null : [match[1]?.toLowerCase() ?? "", match[2] ?? "", match[3] ?? "", match[4] ?? ""];
}

function slashed(path: string): string {
  return path.endsWith("/") ? path.replace(/\/+$/, "") : `${path}/`;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** The URL without parts that may be secret: the values of the query, and the path after the source's name. */
export function shown(url: string): string {
  const [path = "", query] = url.split("?", 2);
  const plain = path
    .replace(/(\/in\/+[^/]+\/+).+$/, "$1…")
    .replace(/[^\x21-\x7e…]/g, "")
    .slice(0, 300);
  if (query === undefined) return plain;
  const names = query
    .split("&")
    .map((part) => `${(part.split("=", 1)[0] ?? "").replace(/[^\w.~%-]/g, "").slice(0, 40)}=…`);
  return `${plain}?${names.slice(0, 5).join("&")}`;
}
