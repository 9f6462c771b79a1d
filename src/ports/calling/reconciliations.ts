/** Reconciliation of calls whose answer was lost. Types only. */
import type { Adoption, Doubt, FoundCall, OtherCall, UnknownCall } from "../../domain/calls/reconcile.ts";

export type ReconciliationStore = {
  /** Calls in status `unknown` with a due look-up, the longest due first. */
  openUnknown(line: string, limit: number): Promise<UnknownCall[]>;
  /** Other Hookline calls that are, or may be, one of the found calls. */
  othersOf(call: UnknownCall, found: readonly FoundCall[]): Promise<OtherCall[]>;
  /** `unknown` → `placed`. @returns False if the call has left `unknown`, or another call has the found one. */
  adopt(callId: string, adoption: Adoption, actor: string): Promise<boolean>;
  /** `unknown` → `review`. @returns False if the call has left `unknown`. */
  toReview(callId: string, doubt: Doubt, actor: string): Promise<boolean>;
  /** `read`: Mihu's list was readable, so this look-up counts. */
  lookLater(callId: string, look: { read: boolean; waitMs: number }, actor: string): Promise<void>;
};
