/**
 * Whether the body of a rejected request is stored, and the reason if not:
 * - `whole`: stored
 * - `too_large`: over the limit
 * - `no_room`: too many at once
 * - `unsigned`: no signature
 * - `credentials`: it contains a credential
 * - `shared_secret`, `token`: presented instead of a signature, so nothing proves the body's origin
 * - `handshake`: a handshake
 * - `accepted`: the request was accepted later
 * - `forgotten`: expired
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
