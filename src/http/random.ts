import { base64url } from "jose";

/** @returns 256 random bits in base64url */
export function randomText(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(32)));
}
