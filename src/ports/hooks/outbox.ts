/** Entries of the audit log as the outbox of hooks. Types only. */
import type { HookEntry } from "../../domain/hooks/told-event.ts";

/** An entry that makes an event. `tx`: the transaction that wrote it. */
export type OutboxEntry = HookEntry & { readonly tx: string };

/** Store of the outbox. */
export type Outbox = {
  /**
   * The entries of ended transactions after a mark, in the order of (transaction, id). `more`: others follow. `waiting`:
   * a running transaction delays some.
   */
  entriesAfter(
    mark: { readonly tx: string; readonly id: number },
    limit: number,
  ): Promise<{ entries: OutboxEntry[]; mark: { tx: string; id: number }; more: boolean; waiting: boolean }>;
};
