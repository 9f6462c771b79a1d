/**
 * The audit chain: the hash of an entry, and the link to the one before it.
 *
 * `hash(n) = H(hash(n - 1) + digest(n))` with `digest = H(canonical form)`, all SHA-256 in lower-case hex, over UTF-8.
 *
 * The two steps let a receipt prove that an entry is under a signed head without showing the entries in between: their
 * digests are enough. An entry's `data` enters as its own hash, so a reader who may not see it can still verify the
 * rest.
 */

/** An entry exactly as stored: times in microseconds and transaction numbers as text, `data` as Postgres prints it. */
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
  /** Text of the `jsonb`. Postgres sorts its keys and prints each value in one way. */
  data: string;
};

/** A position in the chain: the number of entries up to it, and its hash. */
export type ChainPoint = { readonly position: number; readonly hash: string };

/** A linked entry. */
export type Link = { readonly entryId: number; readonly hash: string };

/** SHA-256 of a text's UTF-8 bytes, in lower-case hex. */
export type Sha256 = (text: string) => string;

/** The head of the empty chain: SHA-256 of "hookline audit chain v1". */
export const genesis: ChainPoint = {
  position: 0,
  hash: "457ab6660c9dee4e443d7f9bdeaa1a5c264a1b18b85fbdf0580a24851fab79d1",
};

/** An entry with `dataHash` instead of `data`, for readers who may not see the data. */
export type OpenEntry = Omit<ChainEntry, "data"> & { dataHash: string };

/** @returns The hashed text: a JSON array, so that no two entries have the same text. */
export function canonicalEntry(entry: OpenEntry): string {
  const { id, at, tx, subject, subjectId, action, actor, reason, dataHash } = entry;
  return JSON.stringify([id, at, tx, subject, subjectId, action, actor, reason, dataHash]);
}

/** @returns The entry's own hash, independent of its position. */
export function digestOf({ data, ...open }: ChainEntry, sha256: Sha256): string {
  return sha256(canonicalEntry({ ...open, dataHash: sha256(data) }));
}

/** @returns The text whose hash is that of the position after `previous`, for an entry with this digest. */
export function linkText(previous: string, digest: string): string {
  return previous + digest;
}

/** @returns The hash of the position after `previous`, for an entry with this digest. */
export function linkHash(previous: string, digest: string, sha256: Sha256): string {
  return sha256(linkText(previous, digest));
}

/** Links entries to the chain, in the given order. */
export function linkEntries(after: ChainPoint, entries: readonly ChainEntry[], sha256: Sha256): Link[] {
  let previous = after.hash;
  return entries.map((entry) => {
    previous = linkHash(previous, digestOf(entry, sha256), sha256);
    return { entryId: entry.id, hash: previous };
  });
}
