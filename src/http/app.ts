/** The API, health and the pages as one Hono app. The door for webhooks stands beside it (in.ts). */
import { type Env, Hono, type HonoRequest } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { api } from "./api/api.ts";
import { keyRoutes } from "./api/audit.ts";
import type { AppEnv, Wire } from "./deps.ts";
import { apiHeaders } from "./headers.ts";
import { health } from "./health.ts";
import { Refusal, refuse } from "./problem.ts";

/**
 * @param wire makes a request's parts
 * @param pages what people see, below `/`
 */
export function createApp<Pages extends Env>(wire: Wire, pages: Hono<Pages>): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(apiHeaders);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (_, methods) => refuseMethod(methods) }));
  app.use(async function withParts(c, next) {
    const parts = wire(c.env, c.executionCtx);
    c.set("parts", parts);
    await next();
    c.executionCtx.waitUntil(parts.close());
    if (c.req.method !== "GET" && c.req.method !== "HEAD") c.executionCtx.waitUntil(parts.notary.poke());
  });
  app.route("/v1", api());
  app.route("/", health());
  app.route("/", keyRoutes());
  app.route("/", pages);
  // The pages' own answer to what they do not know, for whoever reads pages; below the API's paths a problem, whoever asks.
  app.notFound((c) => (wantsPage(c.req) ? pages.fetch(c.req.raw, c.env, c.executionCtx) : refuse("not_found")));
  app.onError((error, c) => {
    if (error instanceof Refusal) return refuse(error.code, error.more);
    // Only validators throw these, and only for bodies that cannot be parsed.
    if (error instanceof HTTPException) return error.status === 400 ? refuse("not_json") : error.getResponse();
    const parts = "parts" in c.var ? c.var.parts : wire(c.env, c.executionCtx);
    if (parts.isAway(error)) {
      parts.log.warn("Postgres is away", { error, method: c.req.method });
      return refuse("database_unavailable");
    }
    parts.log.error("a request failed", { error, method: c.req.method });
    return refuse("internal");
  });
  return app;
}

const machinePaths = /^\/(?:v1|in|\.well-known)(?:\/|$)/;

/** Browsers name HTML in what they accept (RFC 9110, section 12.5.1); a script that takes anything gets a problem. */
function wantsPage(request: HonoRequest): boolean {
  const reads = request.method === "GET" || request.method === "HEAD";
  return reads && !machinePaths.test(request.path) && /\btext\/html\b/i.test(request.header("accept") ?? "");
}

function refuseMethod(methods: readonly string[]): Response {
  const allow = methods.join(", ");
  return refuse("method_not_allowed", { detail: `Possible here: ${allow}.`, headers: { allow } });
}
