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
import { type Context, Hono } from "hono";
import { explain } from "../domain/reasons.ts";
import { type ExplainedProblem, problemsOf, readiness, readinessWithout } from "../flows/readiness.ts";
import { DeadlineExceeded, withinDeadline } from "../platform/deadline.ts";
import type { SpillCount } from "../ports/ingest/spill.ts";
import { iso } from "../views/moment.ts";
import type { Reader } from "../views/reader.ts";
import { carriesSigned, readerOf } from "./auth/authenticate.ts";
import type { AppEnv } from "./deps.ts";

/** Deadline for Postgres, and then for the inboxes: probes give up after a few seconds. */
const readyMs = 1_500;

type Concern = "database_unavailable" | "migrations_missing";

/** @returns both routes */
export function healthRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/healthz", (c) => c.json({ status: "alive" }));
  app.get("/readyz", async (c) => {
    const { log, isAway } = c.var.deps;
    try {
      return await readyWithPostgres(c);
    } catch (error) {
      if (!isAway(error) && !(error instanceof DeadlineExceeded)) throw error;
      const { able, response } = await readyWithoutPostgres(c);
      log.warn("Postgres is away", { able, error });
      return response;
    }
  });
  return app;
}

async function readyWithPostgres(c: Context<AppEnv>): Promise<Response> {
  const { stores, inboxes } = c.var.deps;
  const check = async () => {
    const found = await readiness({ lookups: stores.lookups, inboxes });
    // No token can be checked before the migrations have run.
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
    // Names of migrations are public.
    ...(behind ? { missing_migrations: found.missingMigrations } : {}),
    ...forReader(reader, {
      paused_lines: found.pausedLines.map(pausedView),
      problems: problems.map(problemView),
      spills: found.spills.map(spillView),
    }),
  };
  return c.json({ status, ...(reason === null ? {} : { reason }), ...detail }, behind ? 503 : 200);
}

/** Without Postgres the service is able to work as long as the inboxes can store events. */
async function readyWithoutPostgres(c: Context<AppEnv>): Promise<{ able: boolean; response: Response }> {
  const { inboxes } = c.var.deps;
  const { able, spills } = await readinessWithout({
    inboxes: { spills: () => withinDeadline(inboxes.spills(), readyMs) },
  });
  const body = {
    status: able ? "degraded" : "not_ready",
    reason: "database_unavailable" satisfies Concern,
    // That events wait is public. Counts and sources need a token of ours, whose revocation cannot be checked now.
    events_wait: spills.length > 0,
    ...((await carriesSigned(c)) ? { spills: spills.map(spillView) } : {}),
  };
  return { able, response: able ? c.json(body) : c.json(body, 503, { "retry-after": "5" }) };
}

function forReader<T extends object>(reader: Reader | null, detail: T): T | Record<string, never> {
  return reader === null ? {} : detail;
}

function problemView({ code, sentence, since, count, rows }: ExplainedProblem) {
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
