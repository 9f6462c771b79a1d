/**
 * `/healthz`: alive. `/readyz`: able to work; details of problems need a token.
 *
 * | status      | code | when                                                                            |
 * | ----------- | ---- | ------------------------------------------------------------------------------- |
 * | `ready`     | 200  |                                                                                 |
 * | `degraded`  | 200  | webhooks are accepted, and there is a problem that a restart does not fix:      |
 * |             |      | Postgres is down and the inboxes store events; Mihu's answers paused a line;    |
 * |             |      | the books do not balance                                                        |
 * | `not_ready` | 503  | Postgres is down, and the inboxes are down or one is full; or a migration has   |
 * |             |      | not run                                                                         |
 */
import { Hono } from "hono";
import { explain } from "../domain/reasons.ts";
import { problemsOf, readiness, readinessWithout, type ToldProblem } from "../flows/readiness.ts";
import { DeadlineExceeded, withinDeadline } from "../platform/deadline.ts";
import type { SpillCount } from "../ports/ingest/inbox.ts";
import { iso } from "../views/moment.ts";
import type { Reader } from "../views/reader.ts";
import { carriesSigned, readerOf } from "./auth/authenticate.ts";
import type { AppEnv } from "./deps.ts";

/** Deadline for Postgres, and then for the inboxes: probes give up after a few seconds. */
const readyMs = 1_500;

type Concern = "database_unavailable" | "migrations_missing";

/** @returns both routes */
export function health(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/healthz", (c) => c.json({ status: "alive" }));
  app.get("/readyz", async (c) => {
    const { stores, inboxes, log, isAway } = c.var.deps;
    try {
      const check = async () => {
        const found = await readiness({ lookups: stores.lookups, inboxes });
        return { found, reader: found.missingMigrations.length > 0 ? null : await readerOf(c) };
      };
      const { found, reader } = await withinDeadline(check(), readyMs);
      const problems = problemsOf(found);
      // A pause by a person is wanted. A pause by Mihu's answers is a problem that a person should look at.
      const wrong = problems.find(({ wanted }) => !wanted);
      const behind = found.missingMigrations.length > 0;
      const status = behind ? "not_ready" : wrong === undefined ? "ready" : "degraded";
      const reason = behind ? ("migrations_missing" satisfies Concern) : (wrong?.code ?? null);
      const detail = {
        // Names of migrations are public, and no token can be checked before they have run.
        ...(found.missingMigrations.length > 0 ? { missing_migrations: found.missingMigrations } : {}),
        ...forReader(reader, {
          paused_lines: found.pausedLines.map(pausedView),
          problems: problems.map(problemView),
          spills: found.spills.map(spillView),
        }),
      };
      return c.json({ status, ...(reason === null ? {} : { reason }), ...detail }, behind ? 503 : 200);
    } catch (error) {
      if (!isAway(error) && !(error instanceof DeadlineExceeded)) throw error;
      const reason: Concern = "database_unavailable";
      const { able, spills } = await readinessWithout({
        inboxes: { spills: () => withinDeadline(inboxes.spills(), readyMs) },
      });
      log.warn("Postgres is away", { able, error });
      // That events wait is public. Counts and sources need a token of ours, whose revocation cannot be checked now.
      const waiting = { events_wait: spills.length > 0 };
      const detail = (await carriesSigned(c)) ? { spills: spills.map(spillView) } : {};
      if (able) return c.json({ status: "degraded", reason, ...waiting, ...detail });
      return c.json({ status: "not_ready", reason, ...waiting, ...detail }, 503, { "retry-after": "5" });
    }
  });
  return app;
}

function forReader<T extends object>(reader: Reader | null, detail: T): T | Record<string, never> {
  return reader === null ? {} : detail;
}

function problemView({ code, sentence, since, count, rows }: ToldProblem) {
  return { code, sentence, since: iso(since), count, rows };
}

function spillView({ source, shard, events, bytes, oldestAt }: SpillCount) {
  return { source, shard, events, bytes, oldest_at: iso(oldestAt) };
}

function pausedView(line: { line: string; reason: string; detail: string | null; since: number }) {
  return {
    line: line.line,
    reason: line.reason,
    reason_text: explain(line.reason),
    detail: line.detail,
    since: iso(line.since),
  };
}
