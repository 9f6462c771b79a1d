/** Readiness: everything that is wrong, in the operator's words. The API and the pages say the same. */
import { spillBytesMax, spillEventsMax } from "../domain/limits.ts";
import { explain, wantedPauses, wantedProblems } from "../domain/reasons.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { SpillCount } from "../ports/ingest/spill.ts";
import type { HealthLookups, Problem, Readiness } from "../ports/lookups/readiness.ts";

export type ReadinessPorts = { lookups: Pick<HealthLookups, "readiness">; inboxes: Pick<Inboxes, "spills"> };

/** What is wrong, and what waits for Postgres in which inbox. */
export type WholeReadiness = Readiness & { readonly spills: readonly SpillCount[] };

/** What Postgres says is wrong, and what waits for it on the inboxes' own disks. Throws while Postgres is away. */
export async function readiness(ports: ReadinessPorts): Promise<WholeReadiness> {
  const [found, spilled] = await Promise.all([ports.lookups.readiness(), readinessWithout(ports)]);
  return { ...found, problems: [...spilled.problems, ...found.problems], spills: spilled.spills };
}

/** Readiness without Postgres: the events that wait for it. `able`: whether webhooks are still accepted. */
export async function readinessWithout({
  inboxes,
}: Pick<ReadinessPorts, "inboxes">): Promise<{ able: boolean; problems: Problem[]; spills: SpillCount[] }> {
  const spills = await inboxes.spills().catch(() => null);
  if (spills === null) return { able: false, problems: [inboxesSilent], spills: [] };
  return { able: !spills.some(isFull), problems: spillProblems(spills), spills };
}

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

/** One problem, as people and scripts read it. */
export type ExplainedProblem = Problem & {
  readonly sentence: string;
  /** Whether a person wants it so: it is listed, and the service is ready all the same. */
  readonly wanted: boolean;
};

/** Everything that somebody should know, in words. */
export function problemsOf({ pausedLines, problems }: Pick<Readiness, "pausedLines" | "problems">): ExplainedProblem[] {
  return [
    ...pausedLines.map(({ line, reason, since }) => ({
      code: "line_paused",
      sentence: `The line ${line} is paused. ${explain(reason)} Its calls wait.`,
      since,
      count: 1,
      rows: [line],
      wanted: wantedPauses.includes(reason),
    })),
    ...problems.map((problem) => ({
      ...problem,
      sentence: explain(problem.code),
      wanted: wantedProblems.includes(problem.code),
    })),
  ];
}
