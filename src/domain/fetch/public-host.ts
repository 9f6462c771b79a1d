/**
 * URLs that this service may send requests to: of public hosts (SSRF protection).
 *
 * Refused: addresses instead of names, and names of internal networks.
 *
 * Not guaranteed: a public name may resolve to a private address. The network must refuse that.
 */

/** Maximum characters of a URL, of a base and of a path. */
export const urlCharactersMax = 2_048;

/** Names of internal networks, and public names that resolve to any address written in them. */
const internalSuffixes: readonly string[] = [
  "local",
  "localhost",
  "localdomain",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "svc",
  "test",
  "invalid",
  "example",
  "onion",
  "arpa",
  "nip.io",
  "sslip.io",
  "xip.io",
  "localtest.me",
  "lvh.me",
  "vcap.me",
  "lacolhost.com",
];

const loopbacks: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Whether a text is short and plain enough for a URL. The URL parser corrects some mistakes silently; such a text is not. */
export function isPlainUrlText(text: string): boolean {
  return text.length <= urlCharactersMax && /^[\x21-\x7e]+$/.test(text) && !/[\\<>"^`{|}]/.test(text);
}

/** Whether a host is this machine. */
export function isLoopback(host: string): boolean {
  return loopbacks.includes(host);
}

/** @returns The mistake of a host that is not public, as the rest of a sentence; null for a public one. */
export function hostMistake(host: string): string | null {
  // The parser has normalized every spelling of an IP address (decimal, octal, hexadecimal).
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return "must name a host, not an IP address";
  if (host.endsWith(".") || !host.includes(".")) return "must name a public host";
  if (internalSuffixes.some((suffix) => isHost(host, `.${suffix}`) || host === suffix))
    return "must not name a host of an internal network";
  return null;
}

/** Whether a host is the allowed one; with `.name`, a subdomain of it. */
export function isHost(host: string, allowed: string): boolean {
  return allowed.startsWith(".") ? host.endsWith(allowed) && host.length > allowed.length : host === allowed;
}
