/**
 * The audit chain: what of an entry is hashed, and how one hash hangs on the one before it.
 *
 * `hash(n) = H(hash(n - 1) + digest(n))`, `digest = H(canonical form)`, all SHA-256 in lower-case hex, over UTF-8. Two steps, so that
 * a receipt can show that an entry lies under a signed head without showing the entries between: their digests are enough. An entry's
 * `data` goes in as its own hash, so that a reader who may not see it can still verify the rest.
 */

/** An entry exactly as it is stored: moments in microseconds and numbers of transactions as text, `data` as Postgres writes it. */
export type ChainEntry = {
  id: number;
  /** ISO 8601 in UTC with microseconds. */
  at: string;
  tx: string;
  subject: string;
  subjectId: string;
  action: string;
  actor: string;
  reason: string | null;
  /** The text of the `jsonb`: sorted keys, one way to write each value. */
  data: string;
};

/** A position of the chain: the number of entries up to it, and its hash. */
export type ChainPoint = { readonly position: number; readonly hash: string };

/** One entry in the chain. */
export type Link = { readonly entryId: number; readonly hash: string };

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. */
export type Sha256 = (text: string) => string;

/** The head of the empty chain: SHA-256 of "hookline audit chain v1". */
export const genesis: ChainPoint = {
  position: 0,
  hash: "457ab6660c9dee4e443d7f9bdeaa1a5c264a1b18b85fbdf0580a24851fab79d1",
};

/** An entry with `dataHash` in place of `data`, for readers who may not see the data. */
export type OpenEntry = Omit<ChainEntry, "data"> & { dataHash: string };

/** @returns the text that is hashed: a JSON array, so that no two entries share one */
export function canonicalEntry(entry: OpenEntry): string {
  const { id, at, tx, subject, subjectId, action, actor, reason, dataHash } = entry;
  return JSON.stringify([id, at, tx, subject, subjectId, action, actor, reason, dataHash]);
}

/** @returns the entry's own hash, which knows nothing of its place */
export function digestOf({ data, ...open }: ChainEntry, sha256: Sha256): string {
  return sha256(canonicalEntry({ ...open, dataHash: sha256(data) }));
}

/** @returns the hash of the place after `previous` that holds an entry of this digest */
export function linkHash(previous: string, digest: string, sha256: Sha256): string {
  return sha256(previous + digest);
}

/** Hangs entries on the chain in the given order. */
export function linkEntries(after: ChainPoint, entries: readonly ChainEntry[], sha256: Sha256): Link[] {
  let previous = after.hash;
  return entries.map((entry) => {
    previous = linkHash(previous, digestOf(entry, sha256), sha256);
    return { entryId: entry.id, hash: previous };
  });
}
