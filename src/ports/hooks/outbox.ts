/** Entries of the audit log as the outbox of hooks. Types only. */
import type { HookEntry } from "../../domain/hooks/told-event.ts";

/** An entry that makes an event. `tx`: the transaction that wrote it. */
export type OutboxEntry = HookEntry & { readonly tx: string };

/** A place in the order of (transaction, id). An entry at this place has been read. */
export type OutboxMark = { readonly tx: string; readonly id: number };

export type OutboxRead = {
  /** In the order to tell them: events of one call are in the order of their ids. Each is returned once. */
  readonly entries: readonly OutboxEntry[];
  /** How far the read came. The next one begins here. */
  readonly mark: OutboxMark;
  /** Whether the read ended at its limit. */
  readonly more: boolean;
  /** Whether transactions are running that may have written entries, or still will. */
  readonly waiting: boolean;
  /**
   * Whether the mark was of another server, whose dump was restored here, and its entries are all read: `mark` is now
   * before the first entry that this server wrote.
   */
  readonly restored: boolean;
};

/** Actions of entries, by subject. */
export type ToldActions = Readonly<Record<string, readonly string[]>>;

export type OutboxStore = {
  /** Events of the settled entries past a mark. @param limit Entries that are read, also those that make no event. */
  entriesAfter(mark: OutboxMark, limit: number): Promise<OutboxRead>;
  /** @returns The mark before the newest `limit` settled entries with one of the actions; the last entry if there are none. */
  markBefore(actions: ToldActions, limit: number): Promise<OutboxMark>;
};
