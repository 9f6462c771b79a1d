import type { Context } from "hono";
import type { FloorEnv } from "./env.ts";

/** The bare floor: reads the body and answers 202. */
export async function bare(c: Context<FloorEnv>): Promise<Response> {
  await c.req.raw.arrayBuffer();
  return c.json({ ok: true }, 202);
}
