/**
 * Copies of sources in one isolate, so that most webhooks are verified without a call to an object. A copy may be older
 * than an answered change. Postgres therefore checks accepted events, and nothing is rejected by a copy alone.
 */
import { directoryFreshMs } from "../domain/limits.ts";
import { lru } from "../platform/lru.ts";
import type { SourceCopy } from "../ports/source-copy.ts";

/** Sources, and names without a source, that an isolate remembers. */
const directoryMax = 1_000;

/**
 * Lifetime of names without a source, so that repeated guesses do not cost a call each. Short, because another isolate
 * may create the source.
 */
const missingMs = 1_000;

/** Requests per second for whether a copy of one source is current. */
const asksMax = 5;
const asksWindowMs = 1_000;

/** Order of requests to inboxes within this isolate. */
type Ticket = number;

type SourceDirectory = {
  /** The copy at hand. `fresh`: it can be used without a request. */
  known(slug: string, nowMs: number): { readonly copy: SourceCopy; readonly fresh: boolean } | undefined;
  isMissing(slug: string, nowMs: number): boolean;
  /** Taken before a request to an inbox. */
  ticket(): Ticket;
  /**
   * Stores an inbox's answer; null if the source does not exist. An answer is dropped if its request preceded a change,
   * or a newer copy that is stored.
   */
  store(slug: string, copy: SourceCopy | null, ticket: Ticket, nowMs: number): void;
  /** The source changed: its copy is requested again, and pending answers are outdated. */
  forget(slug: string): void;
  /** Whether another request for the current copy is allowed now. */
  mayAsk(slug: string, nowMs: number): boolean;
};

export function sourceDirectory(): SourceDirectory {
  const copies = lru<{ copy: SourceCopy; at: number; stored: Ticket }>(directoryMax);
  const missing = lru<number>(directoryMax);
  const forgotten = lru<Ticket>(directoryMax);
  const asks = lru<number[]>(directoryMax);
  let last: Ticket = 0;

  /**
   * A copy without a secret expires sooner: the source may be about to capture its sender's secret, and the first
   * webhook follows at once.
   */
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
      // If answers cross, the newer copy stays. A lower version that was requested later comes from a restored
      // Postgres.
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
