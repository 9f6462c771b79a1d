/**
 * Copies of sources in one isolate, so that most webhooks are verified without a call. A copy may be older than a change that was
 * answered: Postgres judges what it accepts, and nothing is refused by it alone.
 */
import { directoryFreshMs } from "../domain/limits.ts";
import { lru } from "../platform/lru.ts";
import type { SourceCopy } from "../ports/source-copy.ts";

/** Sources, and names of none, that an isolate remembers. */
const directoryMax = 1_000;

/** Names that no source has, so that repeated guesses do not cost a call each. Short-lived: another isolate may create the source. */
const missingMs = 1_000;

/** Questions whether a copy is the present one: so many of one source in a second. */
const asksMax = 5;
const asksWindowMs = 1_000;

/** The moment at which an inbox is asked, in the order of what this isolate does. */
type Ticket = number;

type SourceDirectory = {
  /** The copy at hand; `fresh`: it may be used without asking. */
  known(slug: string, nowMs: number): { readonly copy: SourceCopy; readonly fresh: boolean } | undefined;
  isMissing(slug: string, nowMs: number): boolean;
  /** Taken before an inbox is asked. */
  ticket(): Ticket;
  /**
   * Stores an inbox's answer; `null`: no such source. An answer to a question that was asked before a change, or before a newer copy
   * was stored, is not stored.
   */
  store(slug: string, copy: SourceCopy | null, ticket: Ticket, nowMs: number): void;
  /** The source was changed: its copy is asked for again, and answers that are on their way are too old. */
  forget(slug: string): void;
  /** Whether one more question for the present copy may be asked now. */
  mayAsk(slug: string, nowMs: number): boolean;
};

export function sourceDirectory(): SourceDirectory {
  const copies = lru<{ copy: SourceCopy; at: number; stored: Ticket }>(directoryMax);
  const missing = lru<number>(directoryMax);
  const forgotten = lru<Ticket>(directoryMax);
  const asks = lru<number[]>(directoryMax);
  let last: Ticket = 0;

  /** A source without a secret may be about to capture its sender's, and the first webhook follows at once: its copy expires sooner. */
  const freshMs = (copy: SourceCopy): number => (copy.secrets.length === 0 ? missingMs : directoryFreshMs);

  return {
    known(slug, nowMs) {
      const found = copies.get(slug);
      return found && { copy: found.copy, fresh: nowMs - found.at < freshMs(found.copy) };
    },
    isMissing: (slug, nowMs) => nowMs - (missing.get(slug) ?? 0) < missingMs,
    ticket: () => ++last,
    store(slug, copy, ticket, nowMs) {
      if (ticket < (forgotten.get(slug) ?? 0)) return;
      const before = copies.get(slug);
      // Of answers that crossed, the newer copy stays. A lower version that was asked for later is that of a restored Postgres.
      if (before !== undefined && ticket < before.stored && (copy?.version ?? 0) < before.copy.version) return;
      if (copy !== null) copies.set(slug, { copy, at: nowMs, stored: ++last });
      else {
        copies.delete(slug);
        missing.set(slug, nowMs);
      }
    },
    forget(slug) {
      copies.delete(slug);
      missing.delete(slug);
      forgotten.set(slug, ++last);
    },
    mayAsk(slug, nowMs) {
      const recent = (asks.get(slug) ?? []).filter((at) => nowMs - at < asksWindowMs);
      const may = recent.length < asksMax;
      asks.set(slug, may ? [...recent, nowMs] : recent);
      return may;
    },
  };
}
