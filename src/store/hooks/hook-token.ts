import type { Queries } from "../postgres/connection.ts";

/**
 * A condition: whether a hook's owner has a valid token with the scopes that the hook needs. Tokens are renewed under
 * their name, so a hook follows the name and not one token.
 *
 * @param hook alias of `hooks` in the statement
 */
export function hasToken(sql: Queries, hook: ReturnType<Queries>) {
  return sql`exists (select 1 from tokens t where t.name = ${hook}.owner and t.expires_at > now() and t.revoked_at is null
    and (case when ${hook}.format <> 'webhook' or exists (select 1 from unnest(${hook}.events) e where e not like 'call.%')
      then 'admin' = any(t.scopes) else t.scopes && '{hooks:write,admin}' end)
    and (${hook}.payload <> 'full_with_pii' or 'pii:read' = any(t.scopes)))`;
}
