/** Readiness: all current problems, in the operator's words. The API and the pages show the same. */
import type { FetchProblem } from "../domain/fetch/fetch.ts";
import { troubleSentence } from "../domain/fetch/trouble.ts";
import { spillBytesMax, spillEventsMax } from "../domain/limits.ts";
import type { Severity } from "../domain/pause-reasons.ts";
import { compareSeverity, explain, severityOf } from "../domain/reasons.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { SpillCount } from "../ports/ingest/spill.ts";
import type { HealthLookups, Problem, Readiness } from "../ports/lookups/readiness.ts";

export type ReadinessPorts = { lookups: Pick<HealthLookups, "readiness">; inboxes: Pick<Inboxes, "spills"> };

/** Problems, and the events that wait for Postgres by inbox. */
export type WholeReadiness = Readiness & { readonly spills: readonly SpillCount[] };

/** Problems known to Postgres, and events on the inboxes' disks. Throws while Postgres is down. */
export async function readiness(ports: ReadinessPorts): Promise<WholeReadiness> {
  const [found, spilled] = await Promise.all([ports.lookups.readiness(), readinessWithout(ports)]);
  return { ...found, problems: [...spilled.problems, ...found.problems], spills: spilled.spills };
}

/** Readiness without Postgres: events that wait for it. */
export async function readinessWithout({ inboxes }: Pick<ReadinessPorts, "inboxes">): Promise<{
  problems: Problem[];
  spills: SpillCount[];
  /** Null if the inboxes did not answer. */
  eventsWait: boolean | null;
}> {
  const spills = await inboxes.spills().catch(() => null);
  if (spills === null) return { problems: [inboxesSilent], spills: [], eventsWait: null };
  return { problems: spillProblems(spills), spills, eventsWait: spills.length > 0 };
}

/** The problem while the directory's object is unreachable. */
export const directorySilent: Problem = { code: "directory_silent", since: null, count: 0, rows: [] };

const inboxesSilent: Problem = { code: "inboxes_silent", since: null, count: 0, rows: [] };

function spillProblems(spills: readonly SpillCount[]): Problem[] {
  const events = spills.reduce((sum, spill) => sum + spill.events, 0);
  if (events === 0) return [];
  const since = Math.min(...spills.flatMap(({ oldestAt }) => oldestAt ?? []));
  const rows = [...new Set(spills.map(({ source }) => source))];
  const details = { since: Number.isFinite(since) ? since : null, count: events, rows };
  return [{ code: spills.some(isFull) ? "spill_full" : "spilled", ...details }];
}

function isFull({ events, bytes }: SpillCount): boolean {
  return events >= spillEventsMax || bytes >= spillBytesMax;
}

/** The problem while Postgres does not answer. It cannot be read from Postgres itself. */
export const databaseUnavailable: Problem = { code: "database_unavailable", since: null, count: 0, rows: [] };

/** Critical problems that stop calls, and those that stop the storing of webhooks. Each critical problem is in a list. */
const stopsCalls: readonly string[] = [
  "readiness_unknown",
  "database_unavailable",
  "migrations_missing",
  "no_line_dials",
];
const stopsWebhooks: readonly string[] = ["readiness_unknown", "migrations_missing", "inboxes_silent", "spill_full"];

/** A problem with its explanation, for people and scripts. */
export type ExplainedProblem = Problem & {
  readonly severity: Severity;
  readonly sentence: string;
  /** For a paused line: a person's reason, or Mihu's answer. */
  readonly detail?: string | null;
};

/** All problems with explanations, the most severe first, then the oldest. */
export function problemsOf({
  missingMigrations = [],
  pausedLines,
  problems,
}: Pick<Readiness, "pausedLines" | "problems"> & Partial<Pick<Readiness, "missingMigrations">>): ExplainedProblem[] {
  const migrations: Problem[] =
    missingMigrations.length === 0
      ? []
      : [{ code: "migrations_missing", since: null, count: missingMigrations.length, rows: missingMigrations }];
  const explained = [
    ...pausedLines.map(({ line, reason, detail, since }) => ({
      code: "line_paused",
      severity: severityOf(reason),
      sentence: `The line ${line} is paused, and its calls wait. ${explain(reason)}`,
      detail,
      since,
      count: 1,
      rows: [line],
    })),
    ...[...migrations, ...problems].map((problem) => ({
      ...problem,
      severity: severityOf(problem.code),
      sentence: sentenceOf(problem),
    })),
  ];
  return explained.sort((one, other) => compareSeverity(one.severity, other.severity));
}

function sentenceOf({ code, rows, trouble }: Problem): string {
  const [source = ""] = rows;
  return trouble === undefined ? explain(code) : troubleSentence(code as FetchProblem, trouble, source);
}

/** Abilities of the service under these problems. `worst`: the problem to name first; null if no problem matters. */
type Ability = {
  readonly status: "ready" | "degraded" | "not_ready";
  readonly worst: ExplainedProblem | null;
  /** False if no call can be placed. */
  readonly placesCalls: boolean;
  /** False if webhooks of at least one source are rejected, or nothing can confirm that they are accepted. */
  readonly takesWebhooks: boolean;
};

/** @param problems Sorted, the most severe first. */
export function abilityOf(problems: readonly ExplainedProblem[]): Ability {
  const worst = problems.find(({ severity }) => severity !== "info") ?? null;
  const stops = (codes: readonly string[]) => problems.some(({ code }) => codes.includes(code));
  return {
    status: worst === null ? "ready" : worst.severity === "critical" ? "not_ready" : "degraded",
    worst,
    placesCalls: !stops(stopsCalls),
    takesWebhooks: !stops(stopsWebhooks),
  };
}
