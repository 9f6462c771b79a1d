/** Hooks: made, read and changed. Each change raises the outbox's version, by which the dispatcher notices it. */
import { statementTimeoutMs } from "../../domain/limits.ts";
import { scrubText } from "../../platform/log.ts";
import type { HookChange, HookRow, HookStore, HookWish } from "../../ports/hooks/hooks.ts";
import { array, columns, jsonFields, ms, select } from "../postgres/columns.ts";
import { asJson, type Queries, type Sql } from "../postgres/connection.ts";
import type { deliveryTries, hooks } from "../schema/hooks.ts";
import { hookHost } from "./hook-host.ts";
import { hasToken } from "./hook-token.ts";

const hookColumns = columns<typeof hooks, Omit<HookRow, "hasToken" | "pending" | "nextAt" | "lastTry">>({
  id: "id",
  owner: "owner",
  targetUrl: "target_url",
  format: "format",
  events: array("events"),
  condition: "condition",
  payload: "payload",
  headerNames: array("header_names"),
  description: "description",
  conditionError: "condition_error",
  conditionErrorAt: ms("condition_error_at"),
  sealed: "sealed",
  formerUntil: ms("former_until"),
  state: "state",
  stateReason: "state_reason",
  stateDetail: "state_detail",
  stateSince: ms("state_since"),
  failingSince: ms("failing_since"),
  createdAt: ms("created_at"),
  updatedAt: ms("updated_at"),
});

const tryColumns = columns<typeof deliveryTries, NonNullable<HookRow["lastTry"]>>({
  at: ms("at"),
  status: "status",
  error: "error",
});

/** Deliveries of a hook of which the newest try is looked for: the newest ones, and the next ones. There may be millions. */
const triedRead = 50;

/** Columns of a {@link HookRow}, of the table or the step named `h`. */
const row = (sql: Queries) => sql`${select(sql, hookColumns, "h")}, ${hasToken(sql, sql`h`)} as "hasToken",
  (select count(*)::int from deliveries d where d.hook = h.id and d.state = 'pending') as pending,
  (select (extract(epoch from greatest(min(d.next_at), h.not_before)) * 1000)::float8 from deliveries d
    where d.hook = h.id and d.state = 'pending' having count(*) > 0) as "nextAt",
  (select json_build_object(${jsonFields(sql, tryColumns, "t")}) from (
      (select d.id, d.tries from deliveries d where d.hook = h.id order by d.created_at desc nulls last, d.id desc nulls last
        limit ${triedRead})
      union
      (select d.id, d.tries from deliveries d where d.hook = h.id and d.state = 'pending' order by d.next_at
        limit ${triedRead})) d
    join delivery_tries t on t.delivery = d.id and t.nth = d.tries order by t.at desc limit 1) as "lastTry"`;

/** @param sql the request's client */
export function hookStore(sql: Sql): HookStore {
  return {
    async list(owner) {
      return await sql<HookRow[]>`select ${row(sql)} from hooks h
        where ${owner}::text is null or owner = ${owner}::text order by created_at, id`;
    },
    async find(id) {
      const [found] = await sql<HookRow[]>`select ${row(sql)} from hooks h where id = ${id}`;
      return found ?? null;
    },
    async findByUrl(owner, targetUrl) {
      const [found] = await sql<HookRow[]>`
        select ${row(sql)} from hooks h where owner = ${owner} and target_url = ${targetUrl}`;
      return found ?? null;
    },
    async add(wish, sealed, actor, limit) {
      return await sql.begin(async (tx) => {
        await lockNumberOfHooks(tx);
        return await insertHook(tx, wish, sealed, actor, limit);
      });
    },
    change: (id, change, before, actor) => changeHookRow(sql, id, change, before, actor),
    async pause(id, words, actor) {
      // Entries are never erased, so a number in a person's words is replaced.
      const reason = scrubText(words);
      return await moved(
        sql,
        sql`state = 'paused', state_reason = 'hook_paused', state_detail = ${reason}, state_since = now()`,
        sql`state <> 'paused'`,
        { id, action: "paused", actor, reason },
      );
    },
    // `told_at` stays: others were told of the trouble, and are told of its end once a delivery succeeds.
    async resume(id, actor) {
      return await moved(
        sql,
        sql`state = 'active', state_reason = null, state_detail = null, state_since = now(), failing_since = null`,
        sql`state <> 'active'`,
        { id, action: "resumed", actor, reason: null },
      );
    },
    async remove(id, actor) {
      const rows = await sql`
        with removed as (
          delete from hooks h where id = ${id} returning id, owner, ${hookHost(sql, sql`h`)} as host
        ), raised as (
          update outbox set version = version + 1 where exists (select 1 from removed)
        ), audited as (
          insert into entries (subject, subject_id, action, actor, data)
          select 'hook', id::text, 'removed', ${actor}, jsonb_build_object('owner', owner, 'host', host) from removed
        )
        select id from removed`;
      return rows.length > 0;
    },
  };
}

/** The number of the advisory lock of {@link lockNumberOfHooks}. */
const hooksLock = 726_574_005;

/**
 * Lets one transaction at a time add hooks, so that two of them do not both take the last place. It is taken before rows
 * are locked, and in a statement of its own: only a later statement counts what the transaction before has committed.
 *
 * If the connection is cut behind this statement, Postgres ends the transaction after the deadline of a statement.
 */
export async function lockNumberOfHooks(tx: Queries): Promise<void> {
  const limit = String(statementTimeoutMs);
  await tx`
    select set_config('idle_in_transaction_session_timeout', ${limit}, true), set_config('lock_timeout', ${limit}, true),
      pg_advisory_xact_lock(${hooksLock}::bigint)`;
}

/**
 * The transaction has the lock of {@link lockNumberOfHooks}.
 *
 * Steps:
 * - `counted`: the number of hooks.
 * - `inserted`: inserts the hook.
 * - `raised`: raises the version. The first hook also moves the mark to the present: older entries are nobody's.
 * - `audited`: inserts the entry.
 */
export async function insertHook(
  sql: Queries,
  wish: HookWish,
  sealed: string,
  actor: string,
  limit: number,
): Promise<HookRow | "exists" | "too_many"> {
  const [made] = await sql<[{ full: boolean; hook: HookRow | null }]>`
    with counted as (
      select count(*)::int as hooks from hooks
    ), inserted as (
      insert into hooks (owner, target_url, format, events, condition, payload, header_names, description, sealed)
      select ${wish.owner}, ${wish.targetUrl}, ${wish.format}, ${textArray(sql, wish.events)}, ${wish.condition},
        ${wish.payload}, ${textArray(sql, wish.headerNames)}, ${wish.description}, ${sealed}
      from counted where hooks < ${limit}
      on conflict (owner, target_url) do nothing returning *
    ), raised as (
      update outbox set version = version + 1,
        tx = case when (select hooks from counted) = 0 then pg_snapshot_xmin(pg_current_snapshot()) else tx end,
        entry = case when (select hooks from counted) = 0 then 0 else entry end
      where exists (select 1 from inserted)
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'hook', id::text, 'created', ${actor}, jsonb_build_object('owner', owner,
        'host', ${hookHost(sql, sql`i`)}, 'events', events, 'payload', payload, 'format', format) from inserted i
    )
    select (select hooks >= ${limit} from counted) as full,
      (select row_to_json(made) from (select ${row(sql)} from inserted h) made) as hook`;
  return made.hook ?? (made.full ? "too_many" : "exists");
}

export async function changeHookRow(
  sql: Queries,
  id: string,
  change: HookChange,
  before: string,
  actor: string,
): Promise<HookRow | null> {
  const { format, events, condition, payload, headerNames, description, sealed, formerForMs } = change;
  const set = (given: unknown, value: ReturnType<Sql>, column: ReturnType<Sql>) =>
    given === undefined ? column : value;
  return await moved(
    sql,
    sql`format = ${set(format, sql`${format ?? null}`, sql`format`)},
        events = ${set(events, textArray(sql, events ?? []), sql`events`)},
        condition = ${set(condition, sql`${condition ?? null}`, sql`condition`)},
        condition_error = ${set(condition, sql`null`, sql`condition_error`)},
        condition_error_at = ${set(condition, sql`null`, sql`condition_error_at`)},
        payload = ${set(payload, sql`${payload ?? null}`, sql`payload`)},
        header_names = ${set(headerNames, textArray(sql, headerNames ?? []), sql`header_names`)},
        description = ${set(description, sql`${description ?? null}`, sql`description`)},
        sealed = ${set(sealed, sql`${sealed ?? null}`, sql`sealed`)},
        former_until = ${set(formerForMs, sql`now() + ${formerForMs ?? 0} * interval '1 millisecond'`, sql`former_until`)}`,
    sql`sealed = ${before}`,
    { id, action: formerForMs === undefined ? "changed" : "rotated", actor, reason: null },
  );
}

/**
 * Steps:
 * - `moved`: changes the hook.
 * - `raised`: raises the version.
 * - `audited`: inserts the entry.
 *
 * @returns The hook; null if nothing was changed.
 */
async function moved(
  sql: Queries,
  assignments: ReturnType<Sql>,
  guard: ReturnType<Sql>,
  { id, action, actor, reason }: { id: string; action: string; actor: string; reason: string | null },
): Promise<HookRow | null> {
  const [found] = await sql<HookRow[]>`
    with moved as (
      update hooks set ${assignments}, updated_at = now() where id = ${id} and ${guard} returning *
    ), raised as (
      update outbox set version = version + 1 where exists (select 1 from moved)
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'hook', ${id}, ${action}, ${actor}, ${reason}, jsonb_build_object('owner', owner,
        'host', ${hookHost(sql, sql`m`)}, 'events', events, 'payload', payload, 'format', format) from moved m
    )
    select ${row(sql)} from moved h`;
  return found ?? null;
}

const textArray = (sql: Queries, values: readonly string[]): ReturnType<Sql> =>
  sql`array(select json_array_elements_text(${asJson(values)}::text::json))`;
