import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import postgres from "postgres";
import type { SymmetricKeySet } from "./keys.ts";

/** A scope of an API token. */
export type TokenScope = "calls:read" | "calls:write" | "pii:read" | "hooks:write" | "admin";

export const allScopes: readonly TokenScope[] = ["calls:read", "calls:write", "pii:read", "hooks:write", "admin"];

const dayMs = 86_400_000;
const daysMax = 90;

/**
 * Creates an API token: stores its id and its entry over the owner's connection, then signs it (HS256, the active key).
 * `days` is at most 90, because the service rejects longer ones. Returns the token, which is not stored, its id, its
 * key's id and its expiry.
 */
export async function mintToken(options: {
  ownerUrl: string;
  tokenKeys: SymmetricKeySet;
  scopes: readonly TokenScope[];
  days: number;
  name: string;
}): Promise<{ token: string; jti: string; kid: string; expiresAt: Date }> {
  const { ownerUrl, tokenKeys, scopes, days, name } = options;
  if (!(days > 0 && days <= daysMax))
    throw new RangeError(`a token is valid for at most ${daysMax} days: give --days ${daysMax} or less`);
  const [key] = tokenKeys;
  if (key === undefined) throw new Error("there is no token key");
  const jti = randomUUID();
  const now = new Date();
  const expiresAt = new Date(now.getTime() + days * dayMs);
  await record(ownerUrl, { jti, name, scopes, expiresAt });
  const token = await new SignJWT({ scope: scopes.join(" ") })
    .setProtectedHeader({ alg: "HS256", kid: key.kid, typ: "JWT" })
    .setIssuer("hookline")
    .setAudience("hookline-api")
    .setSubject(jti)
    .setJti(jti)
    .setIssuedAt(now)
    .setExpirationTime(expiresAt)
    .sign(Buffer.from(key.k, "base64url"));
  return { token, jti, kid: key.kid, expiresAt };
}

async function record(
  ownerUrl: string,
  row: { jti: string; name: string; scopes: readonly TokenScope[]; expiresAt: Date },
): Promise<void> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    await sql`
      with made as (
        insert into tokens (jti, name, scopes, expires_at, created_by)
        values (${row.jti}, ${row.name}, ${[...row.scopes]}, ${row.expiresAt}, 'owner')
        returning jti, name, scopes, expires_at
      )
      insert into entries (subject, subject_id, action, actor, data)
      select 'token', jti::text, 'created', 'owner', jsonb_build_object('name', name, 'scopes', scopes, 'expires_at', expires_at)
      from made`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
