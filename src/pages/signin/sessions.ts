import { keyBytes, keyedHash, randomText } from "../../platform/hashes.ts";
import type { SessionStore } from "../../ports/config/access.ts";
import type { SecretKey } from "../../ports/runtime.ts";
import type { Sessions } from "../deps.ts";

/** 256 random bits in base64url: nobody guesses them, and nothing about the person is in them. */
const cookieForm = /^[\w-]{43}$/;

/**
 * Sessions by cookie. The cookie's value is not stored, only a keyed hash of it, so neither a leaked table nor a leaked key alone
 * lets anybody sign in.
 *
 * @param store finds a session only while the session and its token are valid
 * @param keys the first key makes hashes and all are tried, so that a rotation signs nobody out
 */
export function keyedSessions(store: SessionStore, keys: readonly SecretKey[]): Sessions {
  const hashesOf = (value: string) => (cookieForm.test(value) ? keys.map((key) => hashOf(key, value)) : []);
  return {
    async create({ jti, expiresAt }) {
      const [key] = keys;
      if (key === undefined) throw new Error("there is no session key");
      const value = randomText();
      await store.begin({ hash: hashOf(key, value), jti, expiresAt });
      return value;
    },
    async find(value) {
      for (const hash of hashesOf(value)) {
        const row = await store.find(hash);
        if (row !== null) return { jti: row.jti, name: row.name, scopes: row.scopes };
      }
      return null;
    },
    async end(value) {
      for (const hash of hashesOf(value)) await store.end(hash);
    },
  };
}

function hashOf({ k }: SecretKey, value: string): string {
  return keyedHash(keyBytes(k), value);
}
