/** The ledger of rings: number, time and request of each. Only a reset removes rings. */
import type { Post, Ring } from "./types.ts";

type LedgerPage = {
  rings: Ring[];
  /** The index of the next page, for `since`. */
  next: number;
};

export type Ledger = {
  add: (ring: Ring) => void;
  /** Records a request that may ring, before it does. */
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
