// Checks that entries are not backdated: an entry that is linked later was written later, but for a few minutes.
import type { ChainEntry } from "../../src/domain/audit/chain.ts";
import type { KnownHead } from "./heads.ts";

/** An entry may be dated this much before the entry that precedes it. */
const earlierMinutes = 10;
const earlierMs = earlierMinutes * 60_000;
/** One earlier entry is remembered for every minute of their dates. */
const rememberedMs = 60_000;

/** An entry that is provably newer than its date. */
type Backdated = { position: number; sentence: string };

/**
 * Follows the chain and compares dates.
 *
 * An entry is backdated if an entry with a smaller id, which was therefore written earlier, precedes it and is dated more than ten
 * minutes later. If only an earlier signed head or an entry with a larger id has a later date, the entry may have waited for the
 * notary, for a long transaction, or in a dump. That cannot be distinguished from backdating and counts as doubtful. After a head
 * that accepts a restore the comparison starts anew: another server's clock and entries may follow.
 */
export function dates() {
  let passed: { id: number; at: number }[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  let signed = Number.NEGATIVE_INFINITY;
  const found: { backdated: Backdated | null; doubtful: number; first: number | null } = {
    backdated: null,
    doubtful: 0,
    first: null,
  };
  return {
    found,
    pass(position: number, entry: ChainEntry): void {
      // Infinite timestamps cannot be parsed.
      const stated = Date.parse(entry.at);
      const at = Number.isNaN(stated) ? Number.NEGATIVE_INFINITY : stated;
      if (Math.max(newest, signed) > at + earlierMs) {
        const before = passed.find((one) => one.id < entry.id && one.at > at + earlierMs);
        if (before === undefined) {
          found.doubtful++;
          found.first ??= position;
        } else found.backdated ??= { position, sentence: sentence(position, entry, before) };
      }
      if (at > newest + rememberedMs) passed.push({ id: entry.id, at });
      newest = Math.max(newest, at);
    },
    sign({ at, restored }: KnownHead): void {
      if (restored !== null) {
        passed = [];
        newest = Number.NEGATIVE_INFINITY;
        signed = Number.NEGATIVE_INFINITY;
      } else if (at !== null) signed = Math.max(signed, at);
    },
  };
}

function sentence(position: number, { id, at }: ChainEntry, before: { id: number; at: number }): string {
  return `the entry at position ${position} (entry ${id}) is backdated: it says ${at || "no moment"}, and entry ${before.id}, written before it, ${new Date(before.at).toISOString()}`;
}

/** The warning about entries that may be backdated; `null` if there are none. */
export function doubts({ doubtful, first }: { doubtful: number; first: number | null }): string | null {
  if (first === null) return null;
  const who =
    doubtful === 1 ? `the entry at position ${first} is` : `${doubtful} entries, the first at position ${first}, are`;
  return `${who} dated more than ${earlierMinutes} minutes before an entry that was linked or signed earlier. Possible causes: a wait for the notary, a long transaction, or a false date`;
}
