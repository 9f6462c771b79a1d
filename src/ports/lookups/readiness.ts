/** Problems of the service and the balance of its books. Moments are epoch milliseconds. Types only. */

import type { ClockReading } from "../../domain/clocks.ts";
import type { FetchTrouble } from "../../domain/fetch/trouble.ts";
import type { Severity } from "../../domain/problem-reasons.ts";

/**
 * Something that is wrong, or that somebody should know: a code of `domain/problem-reasons.ts` with the ids of a few of the rows that it is
 * about. `since` is `null` where nobody knows.
 */
export type Problem = {
  code: string;
  since: number | null;
  count: number;
  rows: string[];
  /** Of a source whose API fails. */
  trouble?: FetchTrouble;
};

/** Counts of the books as Postgres has them, and the rows that break them. */
export type Balance = {
  events: { accepted: number; unplanned: number; ignored: number; planned: number };
  /** Events of `unplanned` that wait, and for what: a record of the sender's API, or their paused source. The others are planned now. */
  waiting: { fetch: number; source: number };
  calls: Record<string, number>;
  gaps: Problem[];
};

/** Entries without a seal; counted up to some thousand. `null`: there is none. `ageMs` is by Postgres' clock alone. */
export type Unsealed = { readonly count: number; readonly oldestAt: number | null; readonly ageMs: number | null };

/** Postgres' clock against the Worker's. */
export type PostgresClock = {
  /** `null`: it could not be measured. */
  readonly reading: ClockReading | null;
  /** The time by which its clock is behind its newest audit entries; 0: it is not. */
  readonly wentBackMs: number;
};

/** Readiness, as Postgres knows it. */
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

/** Readiness as everybody may know it. */
export type ReadinessWord = {
  /** When it was read, as epoch milliseconds. */
  readonly at: number;
  readonly status: "ready" | "degraded" | "not_ready";
  /** The worst problem; `null`: there is none that matters. */
  readonly worst: { readonly code: string; readonly severity: Severity } | null;
  readonly placesCalls: boolean;
  readonly takesWebhooks: boolean;
  /** Their names are public. */
  readonly missingMigrations: readonly string[];
  /** Whether events wait for Postgres; `null`: Postgres answered. */
  readonly eventsWait: boolean | null;
};
