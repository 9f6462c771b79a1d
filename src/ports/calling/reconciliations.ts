/** Reconciliation: calls whose answer was lost. Types only. */
import type { Adoption, Doubt, FoundCall, OtherCall, UnknownCall } from "../../domain/calls/reconcile.ts";

export type ReconciliationStore = {
  /** Calls in status `unknown` whose look is due, the longest due first. */
  openUnknown(line: string, limit: number): Promise<UnknownCall[]>;
  /** Other calls of ours that have, or may have, one of these. */
  othersOf(call: UnknownCall, found: readonly FoundCall[]): Promise<OtherCall[]>;
  /** `unknown` → `placed`. @returns `false` when the call has left `unknown`, or another has what was found */
  adopt(callId: string, adoption: Adoption, actor: string): Promise<boolean>;
  /** `unknown` → `review`. @returns `false` when the call has left `unknown` */
  toReview(callId: string, doubt: Doubt, actor: string): Promise<boolean>;
  /** `read`: Mihu's list could be read, so the look counts. */
  lookLater(callId: string, look: { read: boolean; waitMs: number }, actor: string): Promise<void>;
};
