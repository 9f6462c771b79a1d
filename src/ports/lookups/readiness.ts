/** Problems of the service, and the balance of events and calls. Times are epoch milliseconds. Types only. */

import type { ClockReading } from "../../domain/clocks.ts";
import type { FetchTrouble } from "../../domain/fetch/trouble.ts";
import type { Severity } from "../../domain/pause-reasons.ts";

/** A problem: a code of `domain/problem-reasons.ts`, with the ids of some affected rows. `since` is null if unknown. */
export type Problem = {
  code: string;
  since: number | null;
  count: number;
  rows: string[];
  /** For a source whose API fails. */
  trouble?: FetchTrouble;
};

/** Counts of events and calls in Postgres, and the gaps: rows that do not add up. */
export type Balance = {
  events: { accepted: number; unplanned: number; ignored: number; planned: number };
  /**
   * Waiting events of `unplanned`, by cause: a record of the sender's API, or a paused source. The others are being
   * planned.
   */
  waiting: { fetch: number; source: number };
  calls: Record<string, number>;
  gaps: Problem[];
};

/**
 * Entries that are not linked yet, counted up to some thousands. Null if there are none. `ageMs` is by Postgres' clock
 * alone.
 */
export type Unsealed = { readonly count: number; readonly oldestAt: number | null; readonly ageMs: number | null };

/** Postgres' clock, compared with the Worker's. */
export type PostgresClock = {
  /** Null if it could not be measured. */
  readonly reading: ClockReading | null;
  /** Time by which the clock is behind its newest audit entries; 0 if it is not. */
  readonly wentBackMs: number;
};

/** Readiness according to Postgres. */
export type Readiness = {
  missingMigrations: string[];
  pausedLines: { line: string; reason: string; detail: string | null; since: number }[];
  /** Other problems, the oldest first. */
  problems: Problem[];
  /** Absent while migrations are missing. */
  unsealed?: Unsealed;
  clock?: PostgresClock;
};

export type HealthLookups = {
  balance(): Promise<Balance>;
  readiness(): Promise<Readiness>;
};

/** Public part of readiness. */
export type ReadinessWord = {
  /** Time of reading, in epoch milliseconds. */
  readonly at: number;
  readonly status: "ready" | "degraded" | "not_ready";
  /** The worst problem; null if no problem matters. */
  readonly worst: { readonly code: string; readonly severity: Severity } | null;
  readonly placesCalls: boolean;
  readonly takesWebhooks: boolean;
  /** Names of missing migrations. They are public. */
  readonly missingMigrations: readonly string[];
  /** Whether events wait for Postgres; null if Postgres answered. */
  readonly eventsWait: boolean | null;
};
