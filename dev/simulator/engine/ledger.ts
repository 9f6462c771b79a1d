/** The ring ledger: who was rung, when, by which request. Rings are added and ended, never removed but by a reset. */
import type { Post, Ring } from "./types.ts";

type LedgerPage = {
  rings: Ring[];
  /** Where the next page begins: pass it as `since`. */
  next: number;
};

export type Ledger = {
  add: (ring: Ring) => void;
  /** Notes a request that may ring, before it does. */
  note: (post: Post) => void;
  /** Copies of all requests, in the order of their arrival. */
  posts: () => Post[];
  /** Copies from an index on. A ring of an earlier page may have ended since. */
  since: (index: number) => LedgerPage;
  clear: () => void;
};

/** An empty ledger. */
export function createLedger(): Ledger {
  let rings: Ring[] = [];
  let posts: Post[] = [];
  return {
    add: (ring) => {
      rings.push(ring);
    },
    note: (post) => {
      posts.push(post);
    },
    posts: () => posts.map((post) => ({ ...post })),
    since: (index) => ({ rings: rings.slice(index).map((ring) => ({ ...ring })), next: rings.length }),
    clear: () => {
      rings = [];
      posts = [];
    },
  };
}
