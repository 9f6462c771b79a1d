import type { Context } from "hono";
import postgres from "postgres";
import type { FloorEnv } from "./env.ts";
import { verifiedBody } from "./verified.ts";

/** A Worker that talks to Postgres itself: a connection for each request, one insert, then 202. */
export async function insert(c: Context<FloorEnv>): Promise<Response> {
  const body = await verifiedBody(c);
  if (body === null) return c.json({ ok: false }, 401);
  const sql = postgres(c.env.HYPERDRIVE.connectionString, { max: 1, fetch_types: false });
  const id = c.req.header("x-shopify-event-id") ?? "";
  const type = c.req.header("x-shopify-topic") ?? "";
  await sql`
    insert into bench_events (source, dedupe_key, type, body) values ('insert', ${id}, ${type}, ${new TextDecoder().decode(body)})
    on conflict do nothing`;
  c.executionCtx.waitUntil(sql.end({ timeout: 1 }));
  return c.json({ ok: true }, 202);
}
