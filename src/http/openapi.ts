import { Hono } from "hono";
import type { AppEnv } from "./deps.ts";
import document from "./openapi.json" with { type: "json" };

/** `/openapi.json`: the API's description, for programs. It says nothing of this deployment, so everybody may read it. */
export function openApiRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/openapi.json", (c) => c.json(document, 200, { "cache-control": "public, max-age=300" }));
  return app;
}
