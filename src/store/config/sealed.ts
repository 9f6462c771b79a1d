/** Sealed values: secrets of sources (retired ones too), credentials, and the secrets of the lines' webhooks and of hooks. */
import { problemRowsNamedMax } from "../../domain/limits.ts";
import { kidOf } from "../../platform/seal.ts";
import type { SealedStore, SealedValue, VerifyingSecret } from "../../ports/config/sealed.ts";
import type { Problem } from "../../ports/lookups/readiness.ts";
import { hookName } from "../hooks/hook-host.ts";
import { columns, ms, present, select, text } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { Reading } from "../postgres/one-statement.ts";
import type { hooks as hooksTable } from "../schema/hooks.ts";
import type { lines as linesTable } from "../schema/lines.ts";
import type { credentials, secrets as secretsTable } from "../schema/sources.ts";

type Value = Pick<SealedValue, "id" | "sealed">;
const secretValue = columns<typeof secretsTable, Value>({ id: text("id"), sealed: "sealed" });
const activeSecret = columns<typeof secretsTable, VerifyingSecret>({
  source: "source",
  id: text("id"),
  env: "env",
  sealed: "sealed",
});
const credentialValue = columns<typeof credentials, Value>({ id: "source", sealed: "sealed" });
/** The statement reads lines that have the secret. */
const webhookValue = columns<typeof linesTable, Value>({ id: "slug", sealed: present("webhook_secret") });
const nextWebhookValue = columns<typeof linesTable, Value>({ id: "slug", sealed: present("webhook_next_secret") });

const hookValue = columns<typeof hooksTable, Value>({ id: text("id"), sealed: "sealed" });

/** @param sql the request's client */
export function sealedStore(sql: Sql): SealedStore {
  return {
    async secrets(source) {
      return await sql<VerifyingSecret[]>`
        select ${select(sql, activeSecret, "secrets")} from secrets
        where retired_at is null and (expires_at is null or expires_at > now())
          and (${source}::text is null or source = ${source}::text) order by source, created_at, id`;
    },
    async list(kid, limit, after) {
      return await sql<SealedValue[]>`
        select what || '/' || name as key, what, id, sealed from (
          select 'secret' as what, source || '/' || id as name, ${select(sql, secretValue, "secrets")}
            from secrets where kid <> ${kid}
          union all
          select 'credential', source, ${select(sql, credentialValue, "credentials")} from credentials where kid <> ${kid}
          union all
          select 'line_webhook', slug, ${select(sql, webhookValue, "lines")} from lines where webhook_secret is not null
          union all
          select 'line_webhook_next', slug, ${select(sql, nextWebhookValue, "lines")}
            from lines where webhook_next_secret is not null
          union all
          select 'hook', id::text, ${select(sql, hookValue, "hooks")} from hooks
        ) sealed
        where ${after}::text is null or what || '/' || name > ${after}::text collate "C"
        order by (what || '/' || name) collate "C" limit ${limit}`;
    },
    /**
     * Steps:
     * - `given`: the newly sealed values, each with the value that it replaces.
     * - `secrets_sealed`: replaces the secrets that have not changed.
     * - `credentials_sealed`: replaces the credentials that have not changed.
     * - `lines_sealed`: replaces the secrets of lines that have not changed.
     * - `hooks_sealed`: replaces the secrets of hooks that have not changed. Each claim of deliveries reads them.
     * - `raised`: raises the versions of the sources with a replaced value.
     * - `summary`: how many values of each kind were replaced.
     * - `audited`: inserts the entry.
     */
    async write(values, unreadable, actor) {
      const [row] = await sql<[{ count: number; sources: string[] }]>`
        with given as (
          select * from json_to_recordset(${asJson(values)}::text::json)
            as g(what text, id text, before text, sealed text, kid text)
        ), secrets_sealed as (
          update secrets s set sealed = g.sealed, kid = g.kid from given g
          where g.what = 'secret' and s.id = g.id::uuid and s.sealed = g.before returning s.source, s.retired_at
        ), credentials_sealed as (
          update credentials c set sealed = g.sealed, kid = g.kid from given g
          where g.what = 'credential' and c.source = g.id and c.sealed = g.before returning c.source
        ), lines_sealed as (
          -- A line's row may hold both values. If one statement updates a row twice, only one update takes effect.
          update lines l set webhook_secret = coalesce(own.sealed, l.webhook_secret),
            webhook_next_secret = coalesce(next.sealed, l.webhook_next_secret)
          from (select distinct id from given where what like 'line%') n
            left join given own on own.what = 'line_webhook' and own.id = n.id
            left join given next on next.what = 'line_webhook_next' and next.id = n.id
          where l.slug = n.id and (own.id is null or l.webhook_secret = own.before)
            and (next.id is null or l.webhook_next_secret = next.before)
          returning (case when own.id is null then 0 else 1 end) + (case when next.id is null then 0 else 1 end) as count
        ), hooks_sealed as (
          update hooks h set sealed = g.sealed from given g
          where g.what = 'hook' and h.id::text = g.id and h.sealed = g.before returning h.id
        ), raised as (
          -- Copies of a source hold the sealed values too, and must not hold values of an older key once that key is removed.
          update sources set version = version + 1, updated_at = now()
          where slug in (select source from secrets_sealed where retired_at is null union select source from credentials_sealed)
          returning slug
        ), summary as (
          select (select count(*) from secrets_sealed)::int as secrets,
            (select count(*) from credentials_sealed)::int as credentials,
            coalesce((select sum(count) from lines_sealed), 0)::int as lines,
            (select count(*) from hooks_sealed)::int as hooks
        ), audited as (
          insert into entries (subject, subject_id, action, actor, data)
          select 'sealing', ${values[0]?.kid ?? ""}, 'resealed', ${actor}, jsonb_build_object('secrets', secrets,
            'credentials', credentials, 'lines', lines, 'hooks', hooks, 'unreadable',
            ${asJson(unreadable)}::text::jsonb) from summary
        )
        select secrets + credentials + lines + hooks as count,
          (select coalesce(json_agg(slug order by slug), '[]') from raised) as sources from summary`;
      return row;
    },
  };
}

type SealedLine = { slug: string; own: string | null; next: string | null; at: number };
const secretTime = columns<typeof secretsTable, { at: number }>({ at: ms("created_at") });
const credentialTime = columns<typeof credentials, { at: number }>({ at: ms("created_at") });
const lineColumns = columns<typeof linesTable, SealedLine>({
  slug: "slug",
  own: "webhook_secret",
  next: "webhook_next_secret",
  at: ms("updated_at"),
});

type SealedHook = { name: string; sealed: string; at: number };
const hookColumns = columns<typeof hooksTable, Omit<SealedHook, "name">>({ sealed: "sealed", at: ms("updated_at") });

type Sealed = { sealedSecrets: { name: string; at: number }; sealedLines: SealedLine; sealedHooks: SealedHook };

/** Secrets and credentials of another key than these, and all secrets of lines and hooks. @param kids ids of keys */
export function sealedCandidates(
  sql: Sql,
  kids: readonly string[],
): { readonly [Kind in keyof Sealed]: Reading<Sealed[Kind]> } {
  return {
    sealedSecrets: sql`
      select source || '/' || id as name, ${select(sql, secretTime, "secrets")} from secrets
      where retired_at is null and kid <> all (select json_array_elements_text(${asJson(kids)}::text::json))
      union all
      select source || ' (credential)', ${select(sql, credentialTime, "credentials")} from credentials
      where kid <> all (select json_array_elements_text(${asJson(kids)}::text::json)) order by 1`,
    sealedLines: sql`
      select ${select(sql, lineColumns, "lines")} from lines
      where webhook_secret is not null or webhook_next_secret is not null order by slug`,
    sealedHooks: sql`
      select ${hookName(sql, sql`h`)} as name, ${select(sql, hookColumns, "h")} from hooks h order by h.created_at, h.id`,
  };
}

/**
 * Values that cannot be opened because their key is missing.
 *
 * @param kids Ids of the keys that the deployment has; null if unknown.
 */
export function sealedWithout(
  kids: readonly string[] | null,
  { sealedSecrets, sealedLines, sealedHooks }: { readonly [Kind in keyof Sealed]: readonly Sealed[Kind][] },
): Problem[] {
  if (kids === null) return [];
  const orphaned = (sealed: string | null) => sealed !== null && !kids.includes(kidOf(sealed) ?? "");
  const found = [
    ...sealedSecrets,
    ...sealedLines
      .filter(({ own, next }) => orphaned(own) || orphaned(next))
      .map(({ slug, at }) => ({ name: `line ${slug}`, at })),
    ...sealedHooks.filter(({ sealed }) => orphaned(sealed)),
  ];
  if (found.length === 0) return [];
  const rows = found.slice(0, problemRowsNamedMax).map(({ name }) => name);
  return [{ code: "secret_unreadable", since: Math.min(...found.map(({ at }) => at)), count: found.length, rows }];
}
