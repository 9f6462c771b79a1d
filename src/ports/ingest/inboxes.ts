/** The inboxes, as their callers see them. Types only. */
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { SourceCopy } from "../source-copy.ts";
import type { Rejection } from "./rejections.ts";
import type { SealedSecret } from "./sources.ts";
import type { SpillCount } from "./spill.ts";

/** The end of a secret that a sender handed over. `taken`: the source has one, or is gone. */
export type Captured = "kept" | "taken" | "away";

/**
 * The source as Postgres has it, asked after a request came. `same`: the copy that was given is the present one. `unknown`: nobody could
 * tell, because too much was asked of this source just now, or its inbox did not answer.
 */
type CurrentSource =
  | { readonly kind: "same" | "gone" | "unknown" }
  | { readonly kind: "changed"; readonly source: SourceCopy };

/** The inbox as its callers see it. */
export type Inboxes = {
  /** `null`: no such source. Throws while neither Postgres nor a copy can tell. */
  describe(slug: string): Promise<SourceCopy | null>;
  /**
   * Asks whether a copy is the present one. Rejects while Postgres is down: nobody can tell then.
   */
  current(known: SourceCopy): Promise<CurrentSource>;
  accept(slug: string, events: NewEvent[], how: AcceptHow): Promise<AcceptAnswer>;
  reject(slug: string, rejection: Rejection): Promise<void>;
  /** Keeps a secret that a sender handed over; then the copy of its source has it. */
  capture(slug: string, secret: SealedSecret): Promise<Captured>;
  /**
   * The source, its secrets or its rules changed. Rejects if any of its inboxes does not confirm that it has the change.
   *
   * @param shards the most inboxes that the source had before the change or has after it; by default as many as are known here
   * @returns until when the change may not be true yet, as epoch milliseconds, because a Worker or an inbox of an earlier version goes by
   * an older copy; `null`: it is true
   */
  refresh(slug: string, shards?: number): Promise<number | null>;
  /** There may be events without a plan. */
  poke(slug: string): Promise<void>;
  /** Events that wait for Postgres on the inboxes' own disks, by inbox; those that hold nothing are left out. Asks nothing of Postgres. */
  spills(): Promise<SpillCount[]>;
};

/**
 * How events are accepted. `ends`: those that are foreseen from the version of the source that verified the events, by the events' ids.
 * `waitForPlan`: the answer comes when they are planned.
 */
type AcceptHow = { readonly ends: ReadonlyMap<string, ReasonCode> } | { readonly waitForPlan: true };

export type AcceptAnswer =
  /** `spilled`: durable on the inbox's own disk; Postgres gets it later, and what is there already cannot be known yet. */
  | { ok: true; acceptances: Acceptance[]; spilled?: boolean }
  /**
   * `leftOut`: an older copy of the source verified it, by a secret that is retired, or before the source was closed. Nothing of it is
   * stored; by the present copy it may be accepted.
   */
  | { ok: false; reason: "away"; retryAfterSeconds: number; leftOut?: true }
  /** Postgres will not take this content, now or later. */
  | { ok: false; reason: "refused" };
