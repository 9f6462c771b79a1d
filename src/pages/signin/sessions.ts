import { keyBytes, keyedHash, randomText } from "../../platform/hashes.ts";
import type { SessionStore } from "../../ports/config/access.ts";
import type { SecretKey } from "../../ports/runtime.ts";
import type { Sessions } from "../deps.ts";

/** 256 random bits in base64url: nobody guesses them, and nothing about the person is in them. */
const cookieForm = /^[\w-]{43}$/;

/**
 * Sessions whose cookie is kept nowhere: the store knows a keyed hash, so neither a leaked table nor a leaked key alone
 * signs anybody in.
 *
 * @param store where sessions are kept; finds one only while it and its token are valid
 * @param keys the first makes hashes, all are tried: a rotation signs nobody out
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
