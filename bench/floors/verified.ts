import type { Context } from "hono";
import { shopify } from "../../src/crm/presets/shopify.ts";
import { verifySignature } from "../../src/crm/signature/verify.ts";
import type { FloorEnv } from "./env.ts";

/** As a source's copy keeps them: what they choose is worked out once. */
const settings = {};

/** Reads the body and verifies it as the product does, with the product's own verifier. Gives `null` for a wrong signature. */
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
