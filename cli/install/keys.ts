// Key sets in the Worker's format: JSON arrays of {kid, k}. The first key is used, all are accepted.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { readIfThere, writePrivate } from "../local/files.ts";
import { privateDir } from "../local/paths.ts";

const keySet = z.array(z.strictObject({ kid: z.string().min(1), k: z.string().regex(/^[\w-]{43}$/) })).min(1);
const receiptKey = z.strictObject({
  kid: z.string().min(1),
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string().optional(),
});
const receiptKeySet = z.array(receiptKey).min(1);
const keySets = z.object({
  TOKEN_KEYS: keySet,
  SESSION_KEYS: keySet,
  SEALING_KEYS: keySet,
  RECEIPT_KEYS: receiptKeySet,
});

/** The first key is the active one. `k` is 32 random bytes in base64url. */
export type SymmetricKeySet = z.infer<typeof keySet>;

/** EC keys on P-256 as JWK. The first key signs. The others only verify, so their public part is enough. */
type ReceiptKeySet = z.infer<typeof receiptKeySet>;

/** A key set for each use. No key has two uses. */
export type KeySets = z.infer<typeof keySets>;

/** A set of one new key. Its id is random and reveals nothing about the key. */
function makeKeySet(): SymmetricKeySet {
  return [{ kid: randomBytes(6).toString("hex"), k: randomBytes(32).toString("base64url") }];
}

/** A set of one new signing key. */
export function makeReceiptKeySet(): ReceiptKeySet {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return receiptKeySet.parse([{ kid: randomBytes(6).toString("hex"), ...privateKey.export({ format: "jwk" }) }]);
}

/** Adds a new signing key in front. The others keep only their public part, and still verify. */
export function rotateReceiptKeys(keys: ReceiptKeySet): ReceiptKeySet {
  return [...makeReceiptKeySet(), ...keys.map(({ d: _, ...open }) => open)];
}

/** Parses the signing keys of a variable. The error quotes none of them. */
export function readReceiptKeys(text: string): ReceiptKeySet {
  try {
    return receiptKeySet.parse(JSON.parse(text));
  } catch {
    throw new Error("RECEIPT_KEYS is not readable as a set of keys");
  }
}

/** Parses the keys of a variable. The error quotes none of them. */
export function readKeySet(name: string, text: string): SymmetricKeySet {
  try {
    return keySet.parse(JSON.parse(text));
  } catch {
    throw new Error(`${name} is not readable as a set of keys`);
  }
}

/** New sets for all uses. */
export function makeKeySets(): KeySets {
  return {
    TOKEN_KEYS: makeKeySet(),
    SESSION_KEYS: makeKeySet(),
    SEALING_KEYS: makeKeySet(),
    RECEIPT_KEYS: makeReceiptKeySet(),
  };
}

/**
 * The sets in `dir`/keys.json (mode 0600), made on the first call. Throws if the file is damaged: new keys could not unseal the
 * stored secrets, so the file is never replaced silently.
 */
export function loadKeySets(dir: string): KeySets {
  const path = join(privateDir(dir), "keys.json");
  const kept = readIfThere(path);
  const sets = kept === undefined ? makeKeySets() : parseKept(path, kept);
  const text = `${JSON.stringify(sets, null, 2)}\n`;
  if (text !== kept) writePrivate(path, text);
  return sets;
}

/** The sets as the Worker's variables. */
export function keyVars(keys: KeySets): Record<keyof KeySets, string> {
  return {
    TOKEN_KEYS: JSON.stringify(keys.TOKEN_KEYS),
    SESSION_KEYS: JSON.stringify(keys.SESSION_KEYS),
    SEALING_KEYS: JSON.stringify(keys.SEALING_KEYS),
    RECEIPT_KEYS: JSON.stringify(keys.RECEIPT_KEYS),
  };
}

function parseKept(path: string, kept: string): KeySets {
  try {
    // Older versions wrote no signing keys.
    return keySets.parse({ RECEIPT_KEYS: makeReceiptKeySet(), ...JSON.parse(kept) });
  } catch {
    // The original error is dropped: its text may quote a key.
    throw new Error(`${path} is not readable as key sets; restore it, or remove the whole directory to begin anew`);
  }
}
