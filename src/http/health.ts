/**
 * `/healthz`: alive. `/readyz`: able to work; what is wrong in detail only for whoever has a token.
 *
 * | status      | code | when                                                                                  |
 * | ----------- | ---- | ------------------------------------------------------------------------------------- |
 * | `ready`     | 200  |                                                                                       |
 * | `degraded`  | 200  | webhooks are taken, but a line is paused by Mihu's answers: a restart would not help |
 * | `not_ready` | 503  | Postgres is away, or a migration has not run                                          |
 */
import { Hono } from "hono";
import { explain } from "../domain/reasons.ts";
import { readerOf } from "./auth.ts";
import type { AppEnv, Reader } from "./parts.ts";
import { iso } from "./views/moment.ts";

type Concern = "database_unavailable" | "migrations_missing" | "line_paused";

/** @returns both routes */
export function health(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/healthz", (c) => c.json({ status: "alive" }));
  app.get("/readyz", async (c) => {
    const { stores, log, isAway } = c.var.parts;
    try {
      const found = await stores.lookups.readiness();
      const reader = found.missingMigrations.length > 0 ? null : await readerOf(c);
      // A line that a person paused is as they want it; one that Mihu's answers paused rings nobody, and somebody should look.
      const degraded = found.pausedLines.some(({ reason }) => reason !== "paused_by_person");
      const behind = found.missingMigrations.length > 0;
      const status = behind ? "not_ready" : degraded ? "degraded" : "ready";
      const reason: Concern | null = behind ? "migrations_missing" : degraded ? "line_paused" : null;
      const detail = {
        // Names of migrations are in the public source; until they have run no token can be checked.
        ...(found.missingMigrations.length > 0 ? { missing_migrations: found.missingMigrations } : {}),
        ...forReader(reader, { paused_lines: found.pausedLines.map(pausedView) }),
      };
      return c.json({ status, ...(reason === null ? {} : { reason }), ...detail }, behind ? 503 : 200);
    } catch (error) {
      if (!isAway(error)) throw error;
      log.warn("not ready: Postgres is away", { error });
      return c.json({ status: "not_ready", reason: "database_unavailable" satisfies Concern }, 503, {
        "retry-after": "5",
      });
    }
  });
  return app;
}

function forReader<T extends object>(reader: Reader | null, detail: T): T | Record<string, never> {
  return reader === null ? {} : detail;
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
