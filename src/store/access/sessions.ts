/** Sign-ins of people. The cookie's value is not stored: its keyed hash finds the row. */
import type { SessionRow, SessionStore } from "../../ports/config/access.ts";
import { array, columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { sessions, tokens } from "../schema/access.ts";

const tokenColumns = columns<typeof tokens, Omit<SessionRow, "expiresAt">>({
  jti: "jti",
  name: "name",
  scopes: array("scopes"),
});
const sessionColumns = columns<typeof sessions, Pick<SessionRow, "expiresAt">>({ expiresAt: ms("expires_at") });

/** @param sql the request's client */
export function sessionStore(sql: Sql): SessionStore {
  return {
    async begin({ hash, jti, expiresAt }) {
      await sql`
        with begun as (
          insert into sessions (hash, jti, expires_at)
          select ${hash}, jti, least(expires_at, to_timestamp(${expiresAt}::float8 / 1000))
          from tokens where jti = ${jti} and revoked_at is null and expires_at > now()
          returning jti
        )
        insert into entries (subject, subject_id, action, actor)
        select 'token', jti::text, 'session_begun', 'token:' || jti from begun`;
    },
    async find(hash) {
      const [row] = await sql<SessionRow[]>`
        select ${select(sql, tokenColumns, "t")}, ${select(sql, sessionColumns, "s")}
        from sessions s join tokens t on t.jti = s.jti
        where s.hash = ${hash} and s.ended_at is null and s.expires_at > now()
          and t.revoked_at is null and t.expires_at > now()`;
      return row ?? null;
    },
    async end(hash) {
      await sql`
        with ended as (
          update sessions set ended_at = now() where hash = ${hash} and ended_at is null returning jti
        )
        insert into entries (subject, subject_id, action, actor)
        select 'token', jti::text, 'session_ended', 'token:' || jti from ended`;
    },
  };
}
