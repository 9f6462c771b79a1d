import { Hono } from "hono";
import type { AppEnv } from "./deps.ts";

/** `/.well-known/jwks.json`: public keys of audit heads and receipts, including past ones. */
export function keyRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/.well-known/jwks.json", (c) =>
    c.json(c.var.deps.signer.jwks, 200, { "cache-control": "public, max-age=300" }),
  );
  return app;
}
