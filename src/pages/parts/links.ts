/**
 * Creates the check of external links (Mihu's recordings and listening pages).
 *
 * Refused: any scheme but https, credentials in the URL, a port, and every host that is neither one of these nor a
 * subdomain of one.
 *
 * @param hosts Host names in lower case.
 */
export function linksTo(hosts: readonly string[]): (url: string) => boolean {
  return function mayBeLinked(text) {
    // Browsers drop control characters and blanks before they parse the scheme.
    if (/[\p{Cc}\s]/u.test(text)) return false;
    const url = URL.parse(text);
    if (url === null || url.protocol !== "https:") return false;
    if (url.username !== "" || url.password !== "" || url.port !== "") return false;
    return hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
  };
}
