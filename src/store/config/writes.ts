/** The writes of a configuration change. Each is one statement with its entry. */
import type { ConfigWrite, SourceSettings } from "../../domain/config/stored.ts";
import type { CallsConcerned } from "../../ports/config/config.ts";
import { fetchAgain } from "../fragments/fetch-again.ts";
import { asJson, type Queries } from "../postgres/connection.ts";
import { queuePlaces } from "./versions.ts";
import { commitStop, countWaiting, stopsOfKept } from "./waiting-calls.ts";

/**
 * Writes the changes in order, then raises the version of every changed source.
 *
 * @returns The calls that the changes affect.
 */
export async function applyWrites(
  sql: Queries,
  wanted: readonly ConfigWrite[],
  actor: string,
): Promise<CallsConcerned[]> {
  const writes: ConfigWrite[] = [];
  // The stops are read before the locks, because an unchanged rule makes no call that one of them would affect.
  for (const write of wanted) writes.push(...(write.do === "stop_calls" ? await stopsOfKept(sql, write) : [write]));
  const touched = [...new Set(writes.flatMap((write) => sourceOf(write) ?? []))].sort();
  const lines = [...new Set(writes.flatMap((write) => lineOf(write) ?? []))].sort();
  await queuePlaces(sql, { sources: touched, lines }, "exclusive");
  // The sources are locked first: no plan by an older version then queues a call after a write that stops such calls.
  if (touched.length > 0) await sql`select from sources where slug in ${sql(touched)} order by slug for no key update`;
  // This is the strongest row lock. Statements that queue calls by the line's hours and countries take a weak lock of
  // the row, and wait for this lock.
  if (lines.length > 0) await sql`select from lines where slug in ${sql(lines)} order by slug for update`;
  const calls: CallsConcerned[] = [];
  for (const write of writes) {
    if (write.do !== "stop_calls") await applyWrite(sql, write, actor);
    else if (write.waiting === "cancel") calls.push(await commitStop(sql, write, actor));
    else {
      const { waiting, ...of } = await countWaiting(sql, write);
      calls.push({ ...of, ends: { kind: "kept", waiting } });
    }
  }
  const changed = new Set(writes.flatMap((write) => (write.do === "stop_calls" ? [] : (sourceOf(write) ?? []))));
  for (const slug of [...changed].sort()) {
    await sql`update sources set version = version + 1, updated_at = now() where slug = ${slug}`;
  }
  return calls;
}

function lineOf(write: ConfigWrite): string | null {
  if (write.do === "save_line") return write.line.slug;
  return write.do === "remove_line" ? write.slug : null;
}

function sourceOf(write: ConfigWrite): string | null {
  switch (write.do) {
    case "save_line":
    case "remove_line":
      return null;
    case "save_source":
      return write.source.slug;
    default:
      return write.source;
  }
}

function applyWrite(sql: Queries, write: Exclude<ConfigWrite, { do: "stop_calls" }>, actor: string): Promise<unknown> {
  switch (write.do) {
    case "save_line":
      return saveLine(sql, write, actor);
    case "remove_line":
      return removeLine(sql, write.slug, actor);
    case "save_source":
      return saveSource(sql, write.source, write.created, actor);
    case "disconnect_source":
      return disconnectSource(sql, write.source, actor);
    case "add_secret":
      return addSecret(sql, write, actor);
    case "name_secret":
      return nameSecret(sql, write, actor);
    case "retire_secret":
      return retireSecret(sql, write, actor);
    case "end_secret":
      return endSecret(sql, write, actor);
    case "set_credential":
      return setCredential(sql, write, actor);
    case "name_credential":
      return nameCredential(sql, write, actor);
    case "remove_credential":
      return removeCredential(sql, write, actor);
    case "save_rule":
      return saveRule(sql, write, actor);
    case "move_rule":
      return moveRule(sql, write, actor);
    case "remove_rule":
      return removeRule(sql, write, actor);
  }
}

const jsonOrNull = (value: object | null): string | null => (value === null ? null : asJson(value));

type Of<Do extends ConfigWrite["do"]> = Extract<ConfigWrite, { do: Do }>;

async function saveLine(sql: Queries, { line, created, hoursChanged }: Of<"save_line">, actor: string): Promise<void> {
  if (hoursChanged) {
    // Ends the calling hours of waiting calls, so that the line gives each its next ones, with an entry, before it can be claimed.
    await sql`
      with hours_ended as (
        -- Claimed calls are included, because a claimed call may return to the queue.
        update calls set closes_at = least(closes_at, now())
        where line = ${line.slug} and status in ('queued', 'dialing') returning id
      )
      insert into entries (subject, subject_id, action, actor, data)
      select 'line', ${line.slug}, 'hours_asked_again', ${actor}, jsonb_build_object('calls', count(*))
      from hours_ended
      having count(*) > 0`;
  }
  await sql`
    with saved as (
      insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day, countries, hours,
        webhook_settings)
      values (${line.slug}, ${line.agent}, ${line.callsPerMinute}, ${line.callsAtOnce}, ${line.callsPerDay},
        (select array_agg(c) from json_array_elements_text(${jsonOrNull(line.countries)}::text::json) c),
        ${jsonOrNull(line.hours)}::text::jsonb, ${jsonOrNull(line.webhookSettings)}::text::jsonb)
      on conflict (slug) do update set agent = excluded.agent, calls_per_minute = excluded.calls_per_minute,
        calls_at_once = excluded.calls_at_once, calls_per_day = excluded.calls_per_day, countries = excluded.countries,
        hours = excluded.hours, webhook_settings = excluded.webhook_settings,
        agent_since = case when lines.agent = excluded.agent then lines.agent_since else now() end,
        version = lines.version + 1, updated_at = now()
      returning *
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'line', slug, ${created ? "created" : "changed"}, ${actor}, jsonb_build_object('agent', agent,
      'calls_per_minute', calls_per_minute, 'calls_at_once', calls_at_once, 'calls_per_day', calls_per_day,
      'countries', to_jsonb(countries), 'hours', hours, 'webhook_settings', webhook_settings) from saved`;
}

async function removeLine(sql: Queries, slug: string, actor: string): Promise<void> {
  await sql`
    with removed as (delete from lines where slug = ${slug} returning slug)
    insert into entries (subject, subject_id, action, actor) select 'line', slug, 'removed', ${actor} from removed`;
}

/** Assignments that clear a source's fetch problem: after a person's change the next answer decides. */
const noTrouble = (
  sql: Queries,
) => sql`fetch_problem = null, fetch_problem_at = null, fetch_failures = 0, fetch_answer = null,
  fetch_not_before = null`;

async function saveSource(sql: Queries, source: SourceSettings, created: boolean, actor: string): Promise<void> {
  await sql`
    with saved as (
      insert into sources (slug, preset, tenant, country, zone, settings, order_number, record_type, record_id, shards,
        "fetch", api, silent_after, silent_after_at, version)
      values (${source.slug}, ${source.preset}, ${source.tenant}, ${source.country}, ${source.zone},
        ${asJson(source.settings)}::text::jsonb, ${source.orderNumber}, ${source.recordType}, ${source.recordId},
        ${source.shards}, ${jsonOrNull(source.fetch)}::text::jsonb, ${jsonOrNull(source.api)}::text::jsonb,
        ${source.silentAfter}, case when ${source.silentAfter}::text is not null then now() end, 0)
      on conflict (slug) do update set preset = excluded.preset, tenant = excluded.tenant, country = excluded.country,
        zone = excluded.zone, settings = excluded.settings, order_number = excluded.order_number,
        record_type = excluded.record_type, record_id = excluded.record_id, shards = excluded.shards,
        "fetch" = excluded.fetch, api = excluded.api, ${noTrouble(sql)}, disconnected_at = null,
        -- A closed source could not be heard, so its silence counts from its opening.
        silent_after_at = case when sources.silent_after = excluded.silent_after and sources.disconnected_at is null
          then sources.silent_after_at else excluded.silent_after_at end, silent_after = excluded.silent_after
      returning *
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'source', slug, ${created ? "created" : "changed"}, ${actor}, jsonb_build_object('preset', preset, 'tenant', tenant,
      'country', country, 'zone', zone, 'settings', settings, 'order_number', order_number, 'record_type', record_type,
      'record_id', record_id, 'shards', shards, 'fetch', "fetch", 'api', api, 'silent_after', silent_after) from saved`;
  if (!created) await fetchAgain(sql, source.slug);
}

/**
 * Closes a source. Events, calls and versions of rules name it, so its row stays. A closed source cannot be resumed, so its pause ends
 * too, and the events that wait for the pause or for a fetch get their reason.
 */
async function disconnectSource(sql: Queries, slug: string, actor: string): Promise<void> {
  await sql`
    with closed as (
      update sources set disconnected_at = now(), resumed_at = case when paused_at is null then resumed_at else now() end,
        paused_at = null, pause_detail = null, ${noTrouble(sql)}
      where slug = ${slug} and disconnected_at is null returning slug
    )
    insert into entries (subject, subject_id, action, actor) select 'source', slug, 'disconnected', ${actor} from closed`;
}

async function addSecret(sql: Queries, write: Of<"add_secret">, actor: string): Promise<void> {
  await sql`
    with added as (
      insert into secrets (source, env, sealed, kid, fingerprint, rotated)
      values (${write.source}, ${write.env}, ${write.sealed}, ${write.kid}, ${write.fingerprint}, ${write.rotated})
      returning id, source, env, kid, rotated
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'source', source, 'secret_added', ${actor}, jsonb_build_object('secret', id, 'env', env, 'kid', kid)
      || case when rotated then '{"rotated": true}'::jsonb else '{}'::jsonb end from added`;
}

async function nameSecret(sql: Queries, write: Of<"name_secret">, actor: string): Promise<void> {
  await sql`
    with named as (
      update secrets set env = ${write.env}, rotated = false
      where id = ${write.id} and source = ${write.source} and retired_at is null
      returning id, source, env
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'source', source, 'secret_named', ${actor}, jsonb_build_object('secret', id, 'env', env) from named`;
}

async function retireSecret(sql: Queries, write: Of<"retire_secret">, actor: string): Promise<void> {
  await sql`
    with retired as (
      update secrets set retired_at = now() where id = ${write.id} and source = ${write.source} and retired_at is null
      returning id, source, env
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'source', source, 'secret_retired', ${actor}, jsonb_build_object('secret', id, 'env', env) from retired`;
}

async function endSecret(sql: Queries, write: Of<"end_secret">, actor: string): Promise<void> {
  await sql`
    with expiry_noted as (
      update secrets set expires_at = to_timestamp(${write.at}::float8 / 1000)
      where id = ${write.id} and source = ${write.source} and retired_at is null returning id, source, env, expires_at
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'source', source, 'secret_end_set', ${actor}, jsonb_build_object('secret', id, 'env', env, 'expires_at', expires_at)
    from expiry_noted`;
}

/** Replaces the credential and clears the source's fetch problem, so that waiting fetches are tried at once. */
async function setCredential(sql: Queries, write: Of<"set_credential">, actor: string): Promise<void> {
  await sql`
    with saved as (
      insert into credentials (source, env, sealed, kid, fingerprint, base_url)
      values (${write.source}, ${write.env}, ${write.sealed}, ${write.kid}, ${write.fingerprint}, ${write.baseUrl})
      on conflict (source) do update set id = excluded.id, env = excluded.env, sealed = excluded.sealed, kid = excluded.kid,
        fingerprint = excluded.fingerprint, base_url = excluded.base_url, created_at = now()
      returning id, source, env, kid, base_url
    ), tried_again as (
      update sources set ${noTrouble(sql)}
      where slug in (select source from saved)
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'source', source, 'credential_set', ${actor}, jsonb_build_object('credential', id, 'env', env, 'kid', kid,
      'base_url', base_url) from saved`;
  await fetchAgain(sql, write.source);
}

async function nameCredential(sql: Queries, write: Of<"name_credential">, actor: string): Promise<void> {
  await sql`
    with named as (update credentials set env = ${write.env} where source = ${write.source} returning id, source, env)
    insert into entries (subject, subject_id, action, actor, data)
    select 'source', source, 'credential_named', ${actor}, jsonb_build_object('credential', id, 'env', env) from named`;
}

async function removeCredential(sql: Queries, write: Of<"remove_credential">, actor: string): Promise<void> {
  await sql`
    with removed as (delete from credentials where source = ${write.source} returning id, source, env)
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'source', source, 'credential_removed', ${actor}, ${write.reason}, jsonb_build_object('credential', id, 'env', env)
    from removed`;
}

/** Two statements: the unique index of current rules is checked row by row, so the old version has to be retired first. */
async function saveRule(sql: Queries, write: Of<"save_rule">, actor: string): Promise<void> {
  const { source, name, position, definition } = write;
  await sql`update rules set current = false where source = ${source} and name = ${name} and current`;
  await sql`
    with saved as (
      -- The source is locked by now, so the times of its versions and of its stops are in the order of their commits.
      insert into rules (source, name, version, position, definition, current, created_by, created_at)
      select ${source}, ${name}, coalesce(max(version), 0) + 1, ${position}, ${asJson(definition)}::text::jsonb, true, ${actor},
        clock_timestamp()
      from rules where source = ${source} and name = ${name}
      returning source, name, version, position, definition
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'rule', source || '/' || name, 'saved', ${actor}, jsonb_build_object('version', version, 'position', position,
      'mode', coalesce(definition->>'mode', 'shadow'), 'line', definition->>'line') from saved`;
}

async function moveRule(sql: Queries, write: Of<"move_rule">, actor: string): Promise<void> {
  await sql`
    with repositioned as (
      update rules set position = ${write.position} where source = ${write.source} and name = ${write.name} and current
      returning source, name, version, position
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'rule', source || '/' || name, 'moved', ${actor}, jsonb_build_object('version', version, 'position', position)
    from repositioned`;
}

async function removeRule(sql: Queries, write: Of<"remove_rule">, actor: string): Promise<void> {
  await sql`
    with removed as (
      update rules set current = false where source = ${write.source} and name = ${write.name} and current
      returning source, name, version
    )
    insert into entries (subject, subject_id, action, actor, data)
    select 'rule', source || '/' || name, 'removed', ${actor}, jsonb_build_object('version', version) from removed`;
}
