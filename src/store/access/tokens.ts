/** API tokens that were issued or revoked. The tokens themselves are not stored. */
import { problemRowsNamedMax, tokenEndsSoonMs } from "../../domain/limits.ts";
import type { ListedToken, TokenRow, TokenStore } from "../../ports/config/access.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { array, columns, ms, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import type { tokens } from "../schema/access.ts";
import { renewToken } from "./renewals.ts";

/** Tokens that a list holds at most, the newest first. */
const listedMax = 500;

const tokenColumns = columns<typeof tokens, TokenRow>({
  jti: "jti",
  name: "name",
  scopes: array("scopes"),
  createdAt: ms("created_at"),
  createdBy: "created_by",
  expiresAt: ms("expires_at"),
  revokedAt: ms("revoked_at"),
});

/** @param sql the request's client */
export function tokenStore(sql: Sql): TokenStore {
  return {
    async find(jti) {
      const [row] = await sql<TokenRow[]>`
        select ${select(sql, tokenColumns, "tokens")} from tokens where jti = ${jti}`;
      return row ?? null;
    },
    async list() {
      return await sql<ListedToken[]>`
        select ${select(sql, tokenColumns, "t")},
          case when n.ends_at > t.expires_at then n.longest end as "replacedBy",
          coalesce(n.ends_soon and n.longest = t.jti, false) as "endsSoon"
        from tokens t left join (${validNames(sql)}) n on n.name = t.name and t.revoked_at is null and t.expires_at > now()
        order by t.created_at desc, t.jti limit ${listedMax}`;
    },
    renew: (wish, actor) => renewToken(sql, wish, actor),
    async add({ jti, name, scopes, expiresAt }, actor, giver) {
      // The creator's token is read here, because an isolate may accept a revoked token for a while.
      const rows = await sql`
        with wanted as (
          select coalesce(array_agg(s), '{}') as scopes from json_array_elements_text(${asJson(scopes)}::text::json) s
        ), issued as (
          insert into tokens (jti, name, scopes, expires_at, created_by)
          select ${jti}, ${name}, wanted.scopes, to_timestamp(${expiresAt}::float8 / 1000), ${actor}
          from wanted
          where ${giver ?? null}::uuid is null or exists (
            select from tokens giver
            where giver.jti = ${giver ?? null}::uuid and giver.revoked_at is null and giver.expires_at > now()
              -- A token with admin may do all that hooks:write may.
              and giver.scopes || case when 'admin' = any(giver.scopes) then '{hooks:write}'::text[] else '{}' end
                @> wanted.scopes)
          returning jti, name, scopes, expires_at
        ), audited as (
          insert into entries (subject, subject_id, action, actor, data)
          select 'token', jti::text, 'created', ${actor},
            jsonb_build_object('name', name, 'scopes', scopes, 'expires_at', expires_at)
          from issued
        )
        select jti from issued`;
      return rows.length > 0;
    },
    async revoke(jti, actor) {
      const rows = await sql`
        with revoked as (
          update tokens set revoked_at = now() where jti = ${jti} and revoked_at is null returning jti
        ), ended as (
          update sessions set ended_at = now() where jti in (select jti from revoked) and ended_at is null returning jti
        ), audited as (
          insert into entries (subject, subject_id, action, actor, data)
          select 'token', jti::text, 'revoked', ${actor}, jsonb_build_object('sessions_ended', (select count(*) from ended))
          from revoked
        )
        select jti from revoked`;
      return rows.length > 0;
    },
  };
}

/**
 * The names of valid tokens, each with the token that is valid for longest. `ends_soon`: that token ends soon, and one
 * of the name was made for longer than the warning's time.
 */
function validNames(sql: Sql) {
  const soon = sql`${tokenEndsSoonMs}::float8 * interval '1 millisecond'`;
  return sql`
      select name, (array_agg(jti order by expires_at desc, created_at desc, jti))[1] as longest, max(expires_at) as ends_at,
        max(expires_at) <= now() + ${soon} and bool_or(expires_at - created_at > ${soon}) as ends_soon
      from tokens where revoked_at is null and expires_at > now() group by name`;
}

/** Names of tokens that end soon and that nobody has renewed. */
export function endingTokens(sql: Sql): Reading<Problem> {
  return sql<Problem[]>`
    select 'token_ends' as code, ((extract(epoch from min(ends_at)) * 1000) - ${tokenEndsSoonMs})::float8 as since,
      count(*)::int as count, to_json((array_agg(name order by ends_at, name))[1:${problemRowsNamedMax}]) as rows
    from (${validNames(sql)}) named where ends_soon having count(*) > 0`;
}
