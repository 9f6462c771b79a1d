/**
 * What becomes of a refused request's body. `whole`: it is there. The others say why it is not: over the limit; too many came at once;
 * nothing in the request is signed; it holds a credential; a shared secret or a token came instead of a signature, so that nothing says
 * whose body it is; it was a handshake; the request went in after all; its time is over.
 */
export const bodiesKept = [
  "whole",
  "too_large",
  "no_room",
  "unsigned",
  "credentials",
  "shared_secret",
  "token",
  "handshake",
  "accepted",
  "forgotten",
] as const;
