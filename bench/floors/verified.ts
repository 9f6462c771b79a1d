import type { Context } from "hono";
import { shopify } from "../../src/crm/presets/shopify.ts";
import { verifySignature } from "../../src/crm/signature/verify.ts";
import type { FloorEnv } from "./env.ts";

/** One object, as in a source's copy, so that the scheme they choose is computed once. */
const settings = {};

/** Reads the body and verifies it with the product's own verifier. Returns null for a wrong signature. */
export async function verifiedBody(c: Context<FloorEnv>): Promise<Uint8Array | null> {
  const body = new Uint8Array(await c.req.raw.arrayBuffer());
  const verified = await verifySignature({
    preset: shopify,
    settings,
    tenant: null,
    secrets: [{ id: "bench", value: c.env.SECRET }],
    request: { method: "POST", url: null, key: null, headers: Object.fromEntries(c.req.raw.headers), body },
    nowMs: Date.now(),
  });
  return verified.ok ? body : null;
}
