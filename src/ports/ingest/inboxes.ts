/** The inboxes, as their callers see them. Types only. */
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import type { SourceCopy } from "../source-copy.ts";
import type { Rejection } from "./rejections.ts";
import type { SealedSecret } from "./sources.ts";
import type { SpillCount } from "./spill.ts";

/** The end of a secret that a sender handed over. `taken`: the source has one, or is gone. */
export type Captured = "kept" | "taken" | "away";

/** The inbox as its callers see it. */
export type Inboxes = {
  /** `null`: no such source. Throws while neither Postgres nor a copy can tell. */
  describe(slug: string): Promise<SourceCopy | null>;
  accept(slug: string, events: NewEvent[], waitForPlan: boolean): Promise<AcceptAnswer>;
  reject(slug: string, rejection: Rejection): Promise<void>;
  /** Keeps a secret that a sender handed over; then the copy of its source has it. */
  capture(slug: string, secret: SealedSecret): Promise<Captured>;
  /** The source, its secrets or its rules changed. */
  refresh(slug: string): Promise<void>;
  /** There may be events without a plan. */
  poke(slug: string): Promise<void>;
  /** Events that wait for Postgres on the inboxes' own disks, by inbox; those that hold nothing are left out. Asks nothing of Postgres. */
  spills(): Promise<SpillCount[]>;
};

export type AcceptAnswer =
  /** `spilled`: durable on the inbox's own disk; Postgres gets it later, and what is there already cannot be known yet. */
  | { ok: true; acceptances: Acceptance[]; spilled?: boolean }
  | { ok: false; reason: "away"; retryAfterSeconds: number }
  /** Postgres will not take this content, now or later. */
  | { ok: false; reason: "refused" };
