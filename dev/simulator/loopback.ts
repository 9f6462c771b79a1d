const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d{1,5})?$/i;

/** Whether a `host[:port]` names this machine itself. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host);
}
