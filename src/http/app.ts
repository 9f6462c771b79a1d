/** The one Hono app: the door for webhooks, the API, health, the pages. */
import { type Env, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { methodNotAllowed } from "hono/method-not-allowed";
import { api } from "./api.ts";
import { apiHeaders } from "./headers.ts";
import { health } from "./health.ts";
import type { AppEnv, Wire } from "./parts.ts";
import { Refusal, refuse } from "./problem.ts";

/**
 * @param wire makes a request's parts
 * @param routes the door for webhooks (below `/in`), which makes its own ports and needs no Postgres; and the pages (below `/`)
 */
export function createApp<In extends Env, Pages extends Env>(
  wire: Wire,
  routes: { readonly in: Hono<In>; readonly pages: Hono<Pages> },
): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(apiHeaders);
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (_, methods) => refuseMethod(methods) }));
  app.route("/in", routes.in);
  app.use(async function withParts(c, next) {
    const parts = wire(c.env, c.executionCtx);
    c.set("parts", parts);
    await next();
    c.executionCtx.waitUntil(parts.close());
  });
  app.route("/v1", api());
  app.route("/", health());
  app.route("/", routes.pages);
  app.notFound(() => refuse("not_found"));
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

function refuseMethod(methods: readonly string[]): Response {
  const allow = methods.join(", ");
  return refuse("method_not_allowed", { detail: `Possible here: ${allow}.`, headers: { allow } });
}
