/**
 * Makes the judge of links that arrived from outside (Mihu's recordings, its listening pages).
 *
 * What is refused: any scheme but https, credentials in the URL, a port of its own, and every host that is neither one of
 * these nor below one of them.
 *
 * @param hosts names of hosts, lower case
 */
export function linksTo(hosts: readonly string[]): (url: string) => boolean {
  return function mayBeLinked(text) {
    // Browsers drop these before they look at the scheme.
    if (/[\p{Cc}\s]/u.test(text)) return false;
    const url = URL.parse(text);
    if (url === null || url.protocol !== "https:") return false;
    if (url.username !== "" || url.password !== "" || url.port !== "") return false;
    return hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
  };
}
