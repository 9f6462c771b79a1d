import { Hono } from "hono";
import type { AppEnv } from "./deps.ts";

/** `/.well-known/jwks.json`: the public keys of heads and receipts, past keys included. */
export function keyRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/.well-known/jwks.json", (c) =>
    c.json(c.var.deps.signer.jwks, 200, { "cache-control": "public, max-age=300" }),
  );
  return app;
}
