/** The inboxes, for their callers. Types only. */
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { SourceCopy } from "../source-copy.ts";
import type { Rejection } from "./rejections.ts";
import type { SealedSecret } from "./sources.ts";
import type { SpillCount } from "./spill.ts";

/** Result of storing a secret that a sender handed over. `taken`: the source has one already, or is gone. */
export type Captured = "kept" | "taken" | "away";

/**
 * The source in Postgres, read after a request arrived. `same`: the given copy is current. `unknown`: too many requests
 * asked about this source just now, or its inbox did not answer.
 */
type CurrentSource =
  | { readonly kind: "same" | "gone" | "unknown" }
  | { readonly kind: "changed"; readonly source: SourceCopy };

/** The inbox, for its callers. */
export type Inboxes = {
  /** Null if the source does not exist. Throws if neither Postgres nor a copy is available. */
  describe(slug: string): Promise<SourceCopy | null>;
  /** Whether a copy is current. Rejects while Postgres is down. */
  current(known: SourceCopy): Promise<CurrentSource>;
  accept(slug: string, events: NewEvent[], how: AcceptHow): Promise<AcceptAnswer>;
  reject(slug: string, rejection: Rejection): Promise<void>;
  /** Stores a secret that a sender handed over. The inbox's copy of the source then has it. */
  capture(slug: string, secret: SealedSecret): Promise<Captured>;
  /**
   * The source, its secrets or its rules changed. Rejects if any of its inboxes does not confirm the change.
   *
   * @param shards The highest number of inboxes before or after the change. Default: the number that is known here.
   * @returns The time until which a Worker or an inbox of an earlier version may use an older copy, in epoch
   *   milliseconds; null if none does.
   */
  refresh(slug: string, shards?: number): Promise<number | null>;
  /** The source may have events without a plan. */
  poke(slug: string): Promise<void>;
  /** Spilled events by inbox, without empty inboxes. Does not need Postgres. */
  spills(): Promise<SpillCount[]>;
};

/**
 * Options for accepting events. `ends`: their foreseen ends by event id, for the version of the source that verified
 * them. `waitForPlan`: the answer waits for their plans.
 */
type AcceptHow = { readonly ends: ReadonlyMap<string, ReasonCode> } | { readonly waitForPlan: true };

export type AcceptAnswer =
  /**
   * `spilled`: the events are durable on the inbox's own disk and are written to Postgres later. Duplicates cannot be
   * detected yet.
   */
  | { ok: true; acceptances: Acceptance[]; spilled?: boolean }
  /**
   * `leftOut`: an older copy of the source verified the request, by a retired secret or before the source was closed.
   * Nothing of it is stored. The current copy may accept it.
   */
  | { ok: false; reason: "away"; retryAfterSeconds: number; leftOut?: true }
  /** Postgres rejects this content, now and later. */
  | { ok: false; reason: "refused" };
