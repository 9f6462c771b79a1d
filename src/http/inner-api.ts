/**
 * The API for the pages, within the Worker: the session's reader takes the place of a token.
 *
 * Refused: a request without a caller. Callers are found by the request object itself, so nothing that a client sends
 * can name one.
 *
 * Scopes, validation, masking and audit entries are those of the routes, so a page can do nothing that the API refuses
 * to its reader.
 */
import { Hono } from "hono";
import { lazily } from "../domain/lazily.ts";
import type { Reader } from "../views/reader.ts";
import { apiRoutes } from "./api/api.ts";
import { answerError } from "./app.ts";
import type { ApiDeps, AppEnv } from "./deps.ts";
import { problem } from "./problem.ts";

type Caller = { readonly deps: ApiDeps; readonly reader: Reader };

/** Sends a request to the API in the name of a reader. The path begins with `/v1`. */
export async function innerApi(request: Request, caller: Caller): Promise<Response> {
  callers.set(request, caller);
  return await routes().fetch(request);
}

const callers = new WeakMap<Request, Caller>();

/** The routes, built by the first page that needs them. */
const routes = lazily(() => {
  const app = new Hono<AppEnv>();
  app.use(async function asCaller(c, next) {
    const caller = callers.get(c.req.raw);
    if (caller === undefined) return problem("unauthenticated");
    c.set("deps", caller.deps);
    c.set("reader", caller.reader);
    return await next();
  });
  app.route("/v1", apiRoutes());
  app.notFound(() => problem("not_found"));
  app.onError((error, c) => answerError(error, c.req.method, c.var.deps));
  return app;
});
