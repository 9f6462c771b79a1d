/**
 * The URL that a hook is sent to. Postgres, files and people keep it in the form that this check gives.
 *
 * Refused: anything but https to a public host by its name (../fetch/public-host.ts), a user or password, a fragment,
 * and Hookline's own address, which would call itself. The check is repeated at each try.
 *
 * Not guaranteed: a public name may resolve to a private address. The network must refuse that.
 */
import { hostMistake, isLoopback, isPlainUrlText } from "../fetch/public-host.ts";

type TargetRules = {
  /** Hookline's own addresses: the configured one, and the one of the request. */
  readonly ownUrls: readonly string[];
  /** Whether receivers on this machine are allowed, also by plain http. */
  readonly local: boolean;
};

type CheckedTarget =
  | { readonly ok: true; readonly url: string }
  /** The mistake, as the rest of a sentence that begins with the field. */
  | { readonly ok: false; readonly reason: string };

/** @returns The URL in its normal form, or the reason for refusing it. */
export function checkTargetUrl(text: string, { ownUrls, local }: TargetRules): CheckedTarget {
  const refuse = (reason: string): CheckedTarget => ({ ok: false, reason });
  const written = /^(https?):\/\/([^/?#]+)/i.exec(text);
  if (!isPlainUrlText(text) || written === null || !URL.canParse(text))
    return refuse("is not a URL such as https://hooks.example.com/hookline");
  if (written[2]?.includes("@")) return refuse("must not have a user or a password; put them into `headers`");
  if (text.includes("#")) return refuse("must not have a fragment (#…): it is never sent");
  const url = new URL(text);
  if (ownUrls.some((own) => isSameServer(url, own))) return refuse("must not be Hookline's own address");
  if (local && isLoopback(url.hostname)) return { ok: true, url: url.href };
  if (url.protocol !== "https:") return refuse("must begin with https://");
  const mistake = hostMistake(url.hostname);
  return mistake === null ? { ok: true, url: url.href } : refuse(mistake);
}

/** Each port of a public host counts as the same server. On this machine the port tells them apart. */
function isSameServer(url: URL, own: string): boolean {
  if (!URL.canParse(own)) return false;
  const { hostname, port } = new URL(own);
  if (isLoopback(hostname) && isLoopback(url.hostname)) return port === url.port;
  return hostname === url.hostname;
}
