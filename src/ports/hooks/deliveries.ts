/** Deliveries of the dispatcher and the notifiers. Times are epoch milliseconds. Types only. */
import type { HookPayload } from "../../domain/hooks/body.ts";
import type { DeliveryState, HookFormat } from "../../domain/hooks/hook.ts";
import type { DeliveryVerdict } from "../../domain/hooks/retries.ts";
import type { OutboxMark } from "./outbox.ts";

/** A hook as the dispatcher knows it. */
export type ListeningHook = {
  readonly id: string;
  readonly targetUrl: string;
  readonly format: HookFormat;
  readonly events: readonly string[];
  readonly condition: string | null;
  readonly payload: HookPayload;
  readonly createdAt: number;
  readonly isDisabled: boolean;
};

/** A move of the mark. `version`: of the hooks for which the deliveries were made. */
export type OutboxStep = { readonly from: OutboxMark; readonly to: OutboxMark; readonly version: number };

/** A delivery to insert. `entry`: the entry's id. */
export type NewDelivery = {
  readonly hook: string;
  readonly entry: number;
  readonly call: string | null;
  readonly type: string;
  readonly body: string;
  readonly personal: boolean;
  /** `missed` for a disabled hook. */
  readonly state: Extract<DeliveryState, "pending" | "missed">;
};

/** A hook whose condition could not be decided for an event, and why. */
export type FailedCondition = { readonly hook: string; readonly error: string };

/** A claimed delivery with what its notifier needs. */
export type ClaimedDelivery = {
  readonly id: string;
  readonly hook: string;
  readonly type: string;
  readonly body: string;
  /** Tries before this one, since the last time that a person asked for the delivery. */
  readonly tries: number;
  /** All tries before this one. */
  readonly recorded: number;
  readonly format: HookFormat;
  readonly targetUrl: string;
  readonly sealed: string;
  /** Until this time the former secret signs too. */
  readonly formerUntil: number | null;
};

/** The result of one POST. `status`: null without an answer. */
export type Posted = {
  readonly at: number;
  readonly ms: number;
  readonly status: number | null;
  /** Code of the failure; null for an answer. */
  readonly error: string | null;
  readonly answer: string;
  /** Time that the receiver asked to be left alone, from its answer; null if it asked for none. */
  readonly retryAfterMs: number | null;
};

/** A try to record, with what follows from it. */
export type DeliveryResult = {
  readonly id: string;
  readonly hook: string;
  /** All tries of the delivery at its claim. */
  readonly recorded: number;
  readonly posted: Posted;
  readonly verdict: DeliveryVerdict;
};

export type DispatchStore = {
  /** The mark, the version of the hooks, and the hooks if the version is another than the known one. */
  hooks(known: number | null): Promise<{ mark: OutboxMark; version: number; hooks: ListeningHook[] | null }>;
  /**
   * Inserts deliveries and moves the mark. Null: another dispatcher has moved it, or a hook has changed. Else the hooks
   * with new pending deliveries.
   */
  advance(
    step: OutboxStep,
    deliveries: readonly NewDelivery[],
    failed: readonly FailedCondition[],
  ): Promise<string[] | null>;
  /** Claims due deliveries of hooks, in order for each call, at most `claimedBytesMax` of bodies. @param hooks null: all. */
  claim(hooks: readonly string[] | null, limit: number): Promise<ClaimedDelivery[]>;
  /** Records tries. Safe to repeat. */
  record(results: readonly DeliveryResult[]): Promise<void>;
  /** Whether Postgres rejects the content of a statement, whenever it is sent. */
  refuses(error: unknown): boolean;
  /** Time of the next delivery or of the end of a lease; null without a pending delivery. */
  nextAt(): Promise<number | null>;
};
