// Key sets as the Worker reads them: JSON arrays of {kid, k}, the first one active, the others still accepted.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { readIfThere, writePrivate } from "./files.ts";
import { privateDir } from "./paths.ts";

const keySet = z.array(z.strictObject({ kid: z.string().min(1), k: z.string().regex(/^[\w-]{43}$/) })).min(1);
const keySets = z.object({ TOKEN_KEYS: keySet, SESSION_KEYS: keySet, SEALING_KEYS: keySet });

/** The first key is the active one. `k` is 32 random bytes in base64url. */
export type KeySet = z.infer<typeof keySet>;

/** One set for each use: a key never serves two. */
export type KeySets = z.infer<typeof keySets>;

/** A set of one new key. Its id says nothing of the key. */
export function makeKeySet(): KeySet {
  return [{ kid: randomBytes(6).toString("hex"), k: randomBytes(32).toString("base64url") }];
}

/** New sets for all uses. */
export function makeKeySets(): KeySets {
  return { TOKEN_KEYS: makeKeySet(), SESSION_KEYS: makeKeySet(), SEALING_KEYS: makeKeySet() };
}

/**
 * The sets kept in `dir`/keys.json (mode 0600), made there on the first call. Throws when the file is not what was
 * written: with other keys, what is sealed could not be read again, so nothing is replaced silently.
 */
export function loadKeySets(dir: string): KeySets {
  const path = join(privateDir(dir), "keys.json");
  const kept = readIfThere(path);
  if (kept !== undefined) return parseKept(path, kept);
  const made = makeKeySets();
  writePrivate(path, `${JSON.stringify(made, null, 2)}\n`);
  return made;
}

/** The sets as the Worker's variables. */
export function keyVars(keys: KeySets): Record<keyof KeySets, string> {
  return {
    TOKEN_KEYS: JSON.stringify(keys.TOKEN_KEYS),
    SESSION_KEYS: JSON.stringify(keys.SESSION_KEYS),
    SEALING_KEYS: JSON.stringify(keys.SEALING_KEYS),
  };
}

function parseKept(path: string, kept: string): KeySets {
  try {
    return keySets.parse(JSON.parse(kept));
  } catch {
    // The error is not passed on: its text may quote a key.
    throw new Error(`${path} is not readable as key sets; restore it, or remove the whole directory to begin anew`);
  }
}
