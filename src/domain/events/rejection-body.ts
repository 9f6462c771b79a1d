/**
 * Whether a refused request's body is stored, and why not:
 * - `whole`: the body is stored.
 * - `too_large`: it is over the limit.
 * - `no_room`: too many came at once.
 * - `unsigned`: the request has no signature.
 * - `credentials`: it holds a credential.
 * - `shared_secret`, `token`: these came instead of a signature, so that nothing proves whose body it is.
 * - `handshake`: it was a handshake.
 * - `accepted`: the request was accepted later.
 * - `forgotten`: it expired.
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
