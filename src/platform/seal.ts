/**
 * Sealing of secrets at rest: compact JWE (RFC 7516), `dir` with `A256GCM`, the key named by `kid`.
 *
 * Algorithms are pinned: the header of a sealed text only chooses among our keys. Not guaranteed: that a sealed text
 * belongs to its row. Anyone with write access to rows can swap two of them.
 */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from "jose";
import { utf8 } from "./bytes.ts";
import { keyBytes } from "./hashes.ts";

/** `k`: 32 random bytes in base64url (RFC 7518, section 6.4.1). */
type SealingKey = { readonly kid: string; readonly k: string };

/**
 * Result of opening. `unknown_key`: we do not have the key that sealed it. `unreadable`: modified, or not a sealed
 * text.
 */
type Opened =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: "unknown_key"; readonly kid: string }
  | { readonly ok: false; readonly reason: "unreadable" };

export type Sealer = {
  /** Id of the first key, which seals. */
  readonly kid: string;
  seal(text: string): Promise<string>;
  /** Never rejects, whatever the text. */
  open(jwe: string): Promise<Opened>;
  /** Id of the key that sealed a text, from its header; null if it is not a sealed text. */
  sealedBy(jwe: string): string | null;
  /** Ids of all keys. */
  readonly kids: readonly string[];
  /**
   * HMAC-SHA256 in hex, under a key derived (HKDF, RFC 5869) from the *last* of the keys. Equal texts are recognised
   * without being stored, also after a new key is added in front. Dropping the last key changes every fingerprint.
   */
  fingerprint(text: string): Promise<string>;
};

const kidCharactersMax = 64;
const fingerprintLabel = "hookline fingerprint v1";
/**
 * @param keys The first one seals, all of them open. At least one, with unique ids.
 * @throws Error that names the id of a malformed key, and nothing of the key itself.
 */
export function createSealer(keys: readonly SealingKey[]): Sealer {
  const ring = readKeys(keys);
  const first = keys[0];
  const last = keys.at(-1);
  if (first === undefined || last === undefined) throw new Error("There is no sealing key.");
  const keyOf = keysByKid((kid: string) => importSealing(ring.get(kid)));
  const fingerprintKey = keysByKid((kid: string) => deriveFingerprinting(ring.get(kid)));

  return {
    kid: first.kid,
    kids: [...ring.keys()],
    sealedBy: kidOf,

    async seal(text) {
      const key = await keyOf(first.kid);
      return new CompactEncrypt(utf8(text))
        .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: first.kid })
        .encrypt(key);
    },

    async open(jwe) {
      const kid = kidOf(jwe);
      if (kid === null) return { ok: false, reason: "unreadable" };
      if (!ring.has(kid)) return { ok: false, reason: "unknown_key", kid };
      const key = await keyOf(kid);
      try {
        const opened = await compactDecrypt(jwe, key, {
          keyManagementAlgorithms: ["dir"],
          contentEncryptionAlgorithms: ["A256GCM"],
        });
        return { ok: true, text: new TextDecoder().decode(opened.plaintext) };
      } catch {
        return { ok: false, reason: "unreadable" };
      }
    },

    async fingerprint(text) {
      const key = await fingerprintKey(last.kid);
      const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8(text)));
      return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}

function readKeys(keys: readonly SealingKey[]): Map<string, Uint8Array<ArrayBuffer>> {
  const ring = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { kid, k } of keys) {
    if (!isKid(kid)) throw new Error("A sealing key has no usable id.");
    if (ring.has(kid)) throw new Error(`Two sealing keys have the id ${kid}.`);
    if (!/^[\w-]{43}$/.test(k)) throw new Error(`The sealing key ${kid} is not 32 bytes in base64url.`);
    ring.set(kid, keyBytes(k));
  }
  return ring;
}

/** Caches imported keys, never promises of keys: a request on workerd may not await a promise of another request. */
function keysByKid(make: (kid: string) => Promise<CryptoKey>): (kid: string) => Promise<CryptoKey> {
  const made = new Map<string, CryptoKey>();
  return async (kid) => {
    const known = made.get(kid);
    if (known !== undefined) return known;
    const key = await make(kid);
    made.set(kid, key);
    return key;
  };
}

async function importSealing(bytes: Uint8Array<ArrayBuffer> | undefined): Promise<CryptoKey> {
  if (bytes === undefined) throw new Error("A sealing key is missing.");
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function deriveFingerprinting(bytes: Uint8Array<ArrayBuffer> | undefined): Promise<CryptoKey> {
  if (bytes === undefined) throw new Error("A sealing key is missing.");
  const from = await crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(fingerprintLabel) };
  return crypto.subtle.deriveKey(how, from, { name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);
}

/** Id in a sealed text's header; null if it cannot be one of our ids. */
export function kidOf(jwe: string): string | null {
  try {
    const { kid } = decodeProtectedHeader(jwe);
    return typeof kid === "string" && isKid(kid) ? kid : null;
  } catch {
    return null;
  }
}

function isKid(text: string): boolean {
  return text.length <= kidCharactersMax && /^[\w.:-]+$/.test(text);
}
