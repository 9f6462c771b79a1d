import type { SessionStore } from "../../ports/config/access.ts";
import type { SecretKey } from "../../ports/runtime.ts";
import type { Sessions } from "../deps.ts";

/** 256 bits: nobody guesses them, and nothing about the person is in them. */
const cookieBytes = 32;
const cookieForm = /^[\w-]{43}$/;

/**
 * Sessions whose cookie is kept nowhere: the store knows a keyed hash, so neither a leaked table nor a leaked key alone
 * signs anybody in.
 *
 * @param store where sessions are kept; finds one only while it and its token are valid
 * @param keys the first makes hashes, all are tried: a rotation signs nobody out
 */
export function keyedSessions(store: SessionStore, keys: readonly SecretKey[]): Sessions {
  const hashesOf = (value: string) => (cookieForm.test(value) ? keys.map((key) => keyedHash(key, value)) : []);
  return {
    async create({ jti, expiresAt }) {
      const [key] = keys;
      if (key === undefined) throw new Error("there is no session key");
      const value = base64url(crypto.getRandomValues(new Uint8Array(cookieBytes)));
      await store.begin({ hash: await keyedHash(key, value), jti, expiresAt });
      return value;
    },
    async find(value) {
      for (const hash of hashesOf(value)) {
        const row = await store.find(await hash);
        if (row !== null) return { jti: row.jti, name: row.name, scopes: row.scopes };
      }
      return null;
    },
    async end(value) {
      for (const hash of hashesOf(value)) await store.end(await hash);
    },
  };
}

async function keyedHash({ k }: SecretKey, value: string): Promise<string> {
  const bytes = Uint8Array.from(atob(k.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return base64url(new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(value))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
