import { join } from "node:path";
import postgres from "postgres";
import * as z from "zod";
import type { SymmetricKeySet } from "../../cli/install/keys.ts";
import { allScopes, mintToken } from "../../cli/install/mint-token.ts";
import { readIfThere, writePrivate } from "../../cli/local/files.ts";

const kept = z.object({ token: z.string(), jti: z.string(), kid: z.string() });
const daysToLive = 90;

/**
 * The token of all scopes for this checkout, stored in `dir`/token.json (mode 0600), so that its sessions outlive a restart. A new
 * one is made if there is none, if it was revoked, if the key changed, if it lacks a scope, or before a warning of its end.
 */
export async function keptToken(options: {
  dir: string;
  ownerUrl: string;
  tokenKeys: SymmetricKeySet;
}): Promise<string> {
  const { dir, ownerUrl, tokenKeys } = options;
  const path = join(dir, "token.json");
  const kid = tokenKeys[0]?.kid ?? "";
  const text = readIfThere(path);
  const known = text === undefined ? undefined : kept.parse(JSON.parse(text));
  if (known !== undefined && known.kid === kid && (await isGood(ownerUrl, known.jti))) return known.token;
  const { token, jti } = await mintToken({
    ownerUrl,
    tokenKeys,
    scopes: allScopes,
    days: daysToLive,
    name: "npm start",
  });
  writePrivate(path, `${JSON.stringify({ token, jti, kid })}\n`);
  return token;
}

async function isGood(ownerUrl: string, jti: string): Promise<boolean> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const [row] = await sql`select 1 from tokens
                            where jti = ${jti} and revoked_at is null and expires_at > now() + interval '15 days'
                              and scopes @> ${[...allScopes]}`;
    return row !== undefined;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
