import { DurableObject } from "cloudflare:workers";
import type { Context } from "hono";
import type { FloorEnv, HopRpc } from "./env.ts";
import { verifiedBody } from "./verified.ts";

/** An object that does nothing. */
export class Hop extends DurableObject implements HopRpc {
  async nothing(): Promise<void> {}
}

/** The hop floor: verifies the signature and makes one empty call to an object. */
export async function hop(c: Context<FloorEnv>): Promise<Response> {
  if ((await verifiedBody(c)) === null) return c.json({ ok: false }, 401);
  await c.env.HOP.get(c.env.HOP.idFromName("bench")).nothing();
  return c.json({ ok: true }, 202);
}
