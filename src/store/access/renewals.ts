/**
 * Renewals: a token makes its own successor, with its name, its scopes and its lifetime.
 *
 * - The successor's id follows from the token's id, so a token has one successor, however often it asks. A client that
 *   lost the answer asks again and gets the same successor.
 * - A renewed token ends after {@link tokenGraceMs}. It ends at once when its successor is renewed in turn. A line of
 *   renewals therefore has at most two valid tokens.
 * - A successor is renewed at most once in {@link tokenRenewalPauseMs}, which bounds the rows of a client in a loop.
 */
import { dayMs, tokenDaysMax, tokenGraceMs, tokenRenewalPauseMs } from "../../domain/limits.ts";
import type { Renewal, RenewalWish } from "../../ports/config/access.ts";
import { asJson, type Sql } from "../postgres/connection.ts";

type Row = {
  refusal: "ended" | "admin" | "too_early" | null;
  endsAt: number;
  waitMs: number | null;
  issued: Extract<Renewal, { kind: "renewed" }>["token"] | null;
};

/** Renews a token; a token that was renewed before gets its successor again. */
export async function renewToken(sql: Sql, wish: RenewalWish, actor: string): Promise<Renewal> {
  const row = await renewOnce(sql, wish, actor);
  if (row === undefined) return { kind: "ended" };
  const { refusal, endsAt, waitMs, issued } = row;
  if (refusal === "too_early") return { kind: "too_early", waitMs: waitMs ?? tokenRenewalPauseMs };
  if (refusal !== null) return { kind: refusal };
  const token = issued ?? (await givenAgain(sql, wish, actor));
  return token === null ? { kind: "successor_ended" } : { kind: "renewed", token, endsAt };
}

const ms = (time: string) => `(extract(epoch from ${time}) * 1000)::float8`;
const tokenJson = `json_build_object('jti', jti, 'name', name, 'scopes', to_json(scopes), 'expiresAt', ${ms("expires_at")})`;

/**
 * Issues the successor, unless there is one.
 *
 * Steps:
 * - `locked`: locks the token.
 * - `judged`: the token with the reason of a refusal.
 * - `wanted`: the scopes.
 * - `issued`: inserts the successor, if the token has none.
 * - `shortened`: shortens the token's life to the grace period.
 * - `ended`: revokes the token that the token itself renewed.
 * - `sessions_ended`: ends the sessions of that token.
 * - `audited`: inserts the entries.
 */
async function renewOnce(sql: Sql, { jti, successor, scopes, nowMs }: RenewalWish, actor: string) {
  const minuteS = 60;
  const [row] = await sql<Row[]>`
    with locked as (
      select * from tokens where jti = ${jti} for no key update
    ), judged as (
      select g.*, g.created_at + ${tokenRenewalPauseMs}::float8 * interval '1 millisecond' - now() as wait, case
          when g.revoked_at is not null or g.expires_at <= now() then 'ended'
          when 'admin' = any(g.scopes) then 'admin'
          when g.created_at > now() - ${tokenRenewalPauseMs}::float8 * interval '1 millisecond' and exists (
            select from tokens p where g.created_by = 'token:' || p.jti and not 'admin' = any(p.scopes)) then 'too_early'
        end as refusal
      from locked g
    ), wanted as (
      select coalesce(array_agg(s), '{}') as scopes from json_array_elements_text(${asJson(scopes)}::text::json) s
    ), issued as (
      -- The life is a number of minutes: the Worker's clock, by which the first token ends, differs from Postgres'.
      insert into tokens (jti, name, scopes, expires_at, created_by)
      select ${successor}, j.name, w.scopes, to_timestamp(${nowMs}::float8 / 1000) + least(
          greatest(round(extract(epoch from j.expires_at - j.created_at) / ${minuteS}), 1) * ${minuteS} * interval '1 second',
          ${tokenDaysMax * dayMs}::float8 * interval '1 millisecond'), ${actor}
      from judged j cross join wanted w where j.refusal is null and j.scopes @> w.scopes
      on conflict (jti) do nothing
      returning jti, name, scopes, expires_at
    ), shortened as (
      update tokens t set expires_at = least(t.expires_at, now() + ${tokenGraceMs}::float8 * interval '1 millisecond')
      from judged j cross join issued where t.jti = j.jti
      returning t.jti, t.expires_at
    ), ended as (
      -- Only a renewal makes a token by a token without the scope admin.
      update tokens p set revoked_at = now() from judged j cross join issued
      where j.created_by = 'token:' || p.jti and p.revoked_at is null and not 'admin' = any(p.scopes)
      returning p.jti
    ), sessions_ended as (
      update sessions set ended_at = now() where jti in (select jti from ended) and ended_at is null returning jti
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'token', jti::text, 'created', ${actor},
        jsonb_build_object('name', name, 'scopes', scopes, 'expires_at', expires_at, 'renews', ${jti}::text) from issued
      union all
      select 'token', jti::text, 'renewed', ${actor},
        jsonb_build_object('successor', ${successor}::text, 'expires_at', expires_at) from shortened
      union all
      select 'token', jti::text, 'revoked', ${actor}, jsonb_build_object('successor', ${jti}::text,
        'sessions_ended', (select count(*) from sessions_ended s where s.jti = ended.jti)) from ended
    )
    select refusal, ${sql.unsafe(ms("coalesce((select expires_at from shortened), judged.expires_at)"))} as "endsAt",
      (extract(epoch from wait) * 1000)::float8 as "waitMs", (select ${sql.unsafe(tokenJson)} from issued) as issued
    from judged`;
  return row;
}

/** The successor that the token has already; null if it was revoked or has expired. */
async function givenAgain(sql: Sql, { jti, successor }: RenewalWish, actor: string): Promise<Row["issued"]> {
  const [row] = await sql<{ token: NonNullable<Row["issued"]> }[]>`
    with same_successor as (
      select * from tokens where jti = ${successor} and revoked_at is null and expires_at > now()
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'token', ${jti}, 'renewed', ${actor}, jsonb_build_object('successor', jti, 'repeated', true) from same_successor
    )
    select ${sql.unsafe(tokenJson)} as token from same_successor`;
  return row?.token ?? null;
}
