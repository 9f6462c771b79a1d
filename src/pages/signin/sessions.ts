/**
 * Sessions of people, found by a cookie.
 *
 * Refused:
 * - a cookie that this service did not make. Its MAC is checked first, so guesses cost no query
 * - a session that expired or was ended, or whose token was revoked. The store finds only valid ones
 *
 * The cookie has 256 random bits (OWASP ASVS 5.0, 7.2.3, asks for 128). Only a keyed hash of them is stored: a leaked
 * table contains no cookie, and a leaked key alone cannot make one that the store knows.
 *
 * Not guaranteed: a session is not bound to a browser or an address, so a stolen cookie works until the session ends.
 */

import { equalDigests, utf8 } from "../../platform/bytes.ts";
import { keyBytes, keyedHash, randomText } from "../../platform/hashes.ts";
import type { SessionStore } from "../../ports/config/access.ts";
import type { SecretKey } from "../../ports/runtime.ts";
import type { Sessions } from "../deps.ts";

/** 256 random bits in base64url, a dot, and their MAC. */
const cookieForm = /^([\w-]{43})\.([\w-]{43})$/;

/** Domain separation: the MAC in the cookie differs from the stored hash of the same bits. */
const macLabel = "session cookie ";

/**
 * @param store Returns the store. Called only for a cookie with a valid MAC.
 * @param keys The first key makes new cookies. All keys are accepted, so a rotation signs nobody out.
 */
export function keyedSessions(store: () => SessionStore, keys: readonly SecretKey[]): Sessions {
  /** @returns The stored hash for a cookie, under the key that made it; null for a cookie with an invalid MAC. */
  const hashOfCookie = (cookie: string): string | null => {
    const [, bits = "", mac = ""] = cookieForm.exec(cookie) ?? [];
    const key = bits === "" ? undefined : keys.find((one) => equalDigests(utf8(macOf(one, bits)), utf8(mac)));
    return key === undefined ? null : hashOf(key, bits);
  };
  return {
    async create({ jti, expiresAt }) {
      const [key] = keys;
      if (key === undefined) throw new Error("there is no session key");
      const bits = randomText();
      await store().begin({ hash: hashOf(key, bits), jti, expiresAt });
      return `${bits}.${macOf(key, bits)}`;
    },
    async find(cookie) {
      const hash = hashOfCookie(cookie);
      const row = hash === null ? null : await store().find(hash);
      return row === null ? null : { jti: row.jti, name: row.name, scopes: row.scopes };
    },
    async end(cookie) {
      const hash = hashOfCookie(cookie);
      if (hash !== null) await store().end(hash);
    },
  };
}

function hashOf({ k }: SecretKey, bits: string): string {
  return keyedHash(keyBytes(k), bits);
}

function macOf({ k }: SecretKey, bits: string): string {
  return keyedHash(keyBytes(k), macLabel + bits);
}
