import { equalDigests, utf8 } from "../../platform/bytes.ts";
import { keyBytes, keyedHash, randomText } from "../../platform/hashes.ts";
import type { SessionStore } from "../../ports/config/access.ts";
import type { SecretKey } from "../../ports/runtime.ts";
import type { Sessions } from "../deps.ts";

/**
 * 256 random bits in base64url, a dot, and their MAC. Nobody guesses the bits, nothing about the person is in them, and the MAC shows
 * before anything is asked of Postgres that we made them.
 */
const cookieForm = /^([\w-]{43})\.([\w-]{43})$/;

/** Text before the bits of a MAC: the stored hash of the bits is another one. */
const macLabel = "session cookie ";

/**
 * Sessions by cookie. The cookie's bits are not stored, only a keyed hash of them, so neither a leaked table nor a leaked key alone
 * lets anybody sign in. A cookie whose MAC is of none of our keys is refused without a question to the store.
 *
 * @param store gives the store, which finds a session only while the session and its token are valid. Asked for a cookie of ours only
 * @param keys the first key makes cookies and all are believed, so that a rotation signs nobody out
 */
export function keyedSessions(store: () => SessionStore, keys: readonly SecretKey[]): Sessions {
  /** The stored hash of a cookie that we made, under the key that made it. */
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
