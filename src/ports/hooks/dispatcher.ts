/** The dispatcher and the notifiers, as other parts reach them. Types only. */
import type { ClaimedDelivery, Posted } from "./deliveries.ts";

export type Dispatcher = {
  /** Entries were written, and hooks exist. Never rejects; a lost poke is made good by the sweep. */
  poke(): Promise<void>;
  /** Hooks were changed. */
  changed(): Promise<void>;
};

export type Notifiers = {
  /** Sends one POST for deliveries of one hook: one body, or the digest of several. Rejects if the notifier cannot be reached. */
  post(deliveries: readonly ClaimedDelivery[]): Promise<Posted>;
};
