/** API, health and pages as one Hono app. The webhook endpoint is a separate app (door.ts). */
import { type Env, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { BodyAborted } from "../platform/body.ts";
import { apiRoutes } from "./api/api.ts";
import type { ApiDeps, AppEnv, Wire } from "./deps.ts";
import { apiHeaders } from "./headers.ts";
import { healthRoutes } from "./health.ts";
import { openApiRoutes } from "./openapi.ts";
import { ProblemError, problem } from "./problem.ts";
import { keyRoutes } from "./public-keys.ts";

/**
 * @param wire Creates a request's dependencies.
 * @param pages The HTML pages, below `/`.
 */
export function createApp<Pages extends Env>(wire: Wire, pages: Hono<Pages>): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(apiHeaders);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (_, methods) => refuseMethod(methods) }));
  app.use(async function withDeps(c, next) {
    const deps = wire(c.env, c.executionCtx);
    c.set("deps", deps);
    await next();
    c.executionCtx.waitUntil(deps.close());
  });
  app.route("/v1", apiRoutes());
  app.route("/", healthRoutes());
  app.route("/", keyRoutes());
  app.route("/", openApiRoutes());
  app.route("/", pages);
  app.notFound(() => problem("not_found"));
  app.onError((error, c) =>
    answerError(error, c.req.method, "deps" in c.var ? c.var.deps : wire(c.env, c.executionCtx)),
  );
  return app;
}

/** @returns The problem of a thrown value. Logs what the operator has to know. */
export async function answerError(
  error: Error,
  method: string,
  { log, isAway, lacksMigrations }: Pick<ApiDeps, "log" | "isAway" | "lacksMigrations">,
): Promise<Response> {
  if (error instanceof ProblemError) return problem(error.code, error.more);
  // Only validators throw this, for bodies that cannot be parsed.
  if (error instanceof HTTPException) return error.status === 400 ? problem("not_json") : error.getResponse();
  if (error instanceof BodyAborted) {
    log.debug("a client closed its request before the end of the body", { error, method });
    return problem("unreadable");
  }
  if (isAway(error)) {
    log.warn("Postgres is down", { error, method });
    return problem("database_unavailable");
  }
  if (await lacksMigrations(error)) {
    log.warn("migrations are missing", { error, method });
    return problem("migrations_missing");
  }
  log.error("a request failed", { error, method });
  return problem("internal");
}

function refuseMethod(methods: readonly string[]): Response {
  const allow = methods.join(", ");
  return problem("method_not_allowed", { detail: `Possible here: ${allow}.`, headers: { allow } });
}
