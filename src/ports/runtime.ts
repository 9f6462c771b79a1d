/** Services of the runtime: time, hashes, keys. Types only. */

/** The time, as epoch milliseconds. */
export type Clock = { now(): number };

/** Hashes and fresh ids. */
export type Identity = {
  /** The event's id: SHA-256 of (source, dedupe key) as a UUID of version 8 (RFC 9562, section 5.8). */
  eventId(source: string, dedupeKey: string): string;
  sha256Hex(text: string): string;
  randomId(): string;
};

/** A key of a configured set. The first one is active, the others are still accepted. */
export type SecretKey = { readonly kid: string /** 32 random bytes, base64url. */; readonly k: string };
