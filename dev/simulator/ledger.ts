/** The ring ledger: who was rung, when, by which request. Rings are added and ended, never removed but by a reset. */
import type { Ring } from "./types.ts";

export type LedgerPage = {
  rings: Ring[];
  /** Where the next page begins: pass it as `since`. */
  next: number;
};

export type Ledger = {
  add: (ring: Ring) => void;
  /** Copies from an index on. A ring of an earlier page may have ended since. */
  since: (index: number) => LedgerPage;
  clear: () => void;
};

/** An empty ledger. */
export function createLedger(): Ledger {
  let rings: Ring[] = [];
  return {
    add: (ring) => {
      rings.push(ring);
    },
    since: (index) => ({ rings: rings.slice(index).map((ring) => ({ ...ring })), next: rings.length }),
    clear: () => {
      rings = [];
    },
  };
}
