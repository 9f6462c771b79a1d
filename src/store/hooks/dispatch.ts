/**
 * Deliveries, from the entry to the recorded try. All statements are of the dispatcher, which has the only connection.
 * Two dispatchers at once, as during a deploy, are harmless: the mark moves once, and a lease is taken once.
 *
 * Statements lock hooks before the outbox and before deliveries, in the order of the hooks' ids. A removal locks its hook
 * first as well, so none of them is ever in a deadlock with it, and no delivery is inserted for a hook that is gone.
 */
import {
  claimedBytesMax,
  deliveriesAtOnceMax,
  deliveryLeaseMs,
  digestEverySeconds,
  digestedMax,
} from "../../domain/hooks/limits.ts";
import type {
  ClaimedDelivery,
  DispatchStore,
  FailedCondition,
  ListeningHook,
  NewDelivery,
  OutboxStep,
} from "../../ports/hooks/deliveries.ts";
import type { OutboxMark } from "../../ports/hooks/outbox.ts";
import { array, columns, jsonFields, ms, number, present, select, text } from "../postgres/columns.ts";
import { asJson, isRefusal, type Sql } from "../postgres/connection.ts";
import type { deliveries, hooks as hooksTable, outbox } from "../schema/hooks.ts";
import { hasToken } from "./hook-token.ts";
import { isNext } from "./in-turn.ts";
import { record } from "./record.ts";

const listeningColumns = columns<typeof hooksTable, Omit<ListeningHook, "isDisabled">>({
  id: "id",
  targetUrl: "target_url",
  format: "format",
  events: array("events"),
  condition: "condition",
  payload: "payload",
  createdAt: ms("created_at"),
});
const markColumns = columns<typeof outbox, OutboxMark & { version: number }>({
  tx: text("tx"),
  id: number("entry"),
  version: number("version"),
});
/** A pending delivery has its body, unless its person was erased meanwhile. The statement leaves such a delivery out. */
const claimedDeliveryColumns = columns<
  typeof deliveries,
  Pick<ClaimedDelivery, "id" | "hook" | "type" | "body" | "recorded">
>({
  id: "id",
  recorded: "tries",
  hook: "hook",
  type: "type",
  body: present("body"),
});
const claimedHookColumns = columns<
  typeof hooksTable,
  Pick<ClaimedDelivery, "format" | "targetUrl" | "sealed" | "formerUntil">
>({
  format: "format",
  targetUrl: "target_url",
  sealed: "sealed",
  formerUntil: ms("former_until"),
});

/** @param sql gives the client; an object's may change between statements, after a drop */
export function dispatchStore(sql: () => Sql): DispatchStore {
  return {
    hooks: (known) => listening(sql(), known),
    advance: (step, made, failed) => advance(sql(), step, made, failed),
    claim: (hooks, limit) => claim(sql(), hooks, limit),
    record: (results) => record(sql(), results),
    refuses: isRefusal,
    nextAt: () => nextAt(sql()),
  };
}

async function listening(sql: Sql, known: number | null): ReturnType<DispatchStore["hooks"]> {
  const [row] = await sql<[OutboxMark & { version: number; hooks: ListeningHook[] | null }]>`
    select ${select(sql, markColumns, "o")}, case when o.version is distinct from ${known}::bigint then
      (select coalesce(json_agg(json_build_object(${jsonFields(sql, listeningColumns, "h")}, 'isDisabled', h.state = 'disabled')
        order by h.created_at, h.id), '[]') from hooks h) end as hooks
    from outbox o`;
  const { tx, id, version, hooks } = row;
  return { mark: { tx, id }, version, hooks };
}

/**
 * Steps:
 * - `locked_hooks`: the hooks that still exist, each with its deliveries. A removal waits until it has them.
 * - `locked_undecided`: locks the hooks whose condition could not be decided.
 * - `moved`: moves the mark, unless another dispatcher has, or a hook has changed since the deliveries were made.
 * - `conditions_noted`: says of each hook why its condition could not be decided, once a minute for the same reason.
 * - `inserted`: inserts the deliveries. While an earlier delivery of the same call waits for another try, the new one is
 *   due no sooner, so that no claim looks at it in vain. Reviews for people are due together. Deliveries of one hook
 *   differ in their time by a microsecond each, so that every list of them has the order of their entries.
 */
async function advance(
  sql: Sql,
  { from, to, version }: OutboxStep,
  made: readonly NewDelivery[],
  failed: readonly FailedCondition[],
): Promise<string[] | null> {
  const { byHook, bodies } = withBodiesOnce(made);
  const [row] = await sql<[{ moved: boolean; hooks: string[] }]>`
    with locked_hooks as (
      select h.id, h.format, g.rows from json_to_recordset(${asJson(byHook)}::text::json) as g(hook uuid, rows json)
        join hooks h on h.id = g.hook
      order by h.id for key share of h
    ), locked_undecided as (
      select h.id from hooks h where h.id in ${among(sql, unique(failed))} order by h.id for no key update
    ), moved as (
      update outbox set tx = ${to.tx}::text::xid8, entry = ${to.id}
      where tx = ${from.tx}::text::xid8 and entry = ${from.id} and version = ${version}
        and (select count(*) from locked_hooks) >= 0 and (select count(*) from locked_undecided) >= 0 returning 1
    ), conditions_noted as (
      update hooks h set condition_error = g.error, condition_error_at = now()
      from moved, (select distinct on (hook) hook, error from json_to_recordset(${asJson(failed)}::text::json)
        as f(hook uuid, error text)) g where h.id = g.hook
        and (h.condition_error is distinct from g.error or h.condition_error_at < now() - interval '1 minute')
    ), inserted as (
      insert into deliveries (hook, entry, call, type, body, personal, state, reason, next_at, done_at, created_at)
      select h.id, g.entry, g.call, g.type, (select array(
          select json_array_elements_text(${asJson(bodies)}::text::json)))[g.nth], g.personal, g.state,
        case when g.state = 'missed' then 'hook_disabled' end,
        case when g.state = 'pending' then greatest(now(), case when h.format <> 'webhook' and g.type = 'call.review'
          then to_timestamp(ceil(extract(epoch from now()) / ${digestEverySeconds}) * ${digestEverySeconds}) end,
          (select max(e.next_at) from deliveries e
          where e.hook = h.id and e.call = g.call and e.state = 'pending')) end,
        case when g.state = 'missed' then now() end,
        now() + row_number() over (partition by h.id order by g.entry) * interval '1 microsecond'
      from moved, locked_hooks h cross join lateral json_to_recordset(h.rows) as g(
        entry bigint, call uuid, type text, nth int, personal boolean, state text)
      on conflict (hook, entry) do nothing
      returning hook, state
    )
    select exists (select 1 from moved) as moved,
      (select coalesce(json_agg(distinct hook), '[]') from inserted where state = 'pending') as hooks`;
  return row.moved ? row.hooks : null;
}

/** The deliveries of each hook. Hooks of the same payload share a body, which is sent once. `nth` counts from 1. */
function withBodiesOnce(made: readonly NewDelivery[]) {
  const places = new Map<string, number>();
  const rowOf = ({ body, hook: _, ...row }: NewDelivery) => {
    const nth = places.get(body) ?? places.size + 1;
    places.set(body, nth);
    return { ...row, nth };
  };
  const byHook = [...Map.groupBy(made, ({ hook }) => hook)].map(([hook, own]) => ({ hook, rows: own.map(rowOf) }));
  return { byHook, bodies: [...places.keys()] };
}

const unique = (rows: readonly { readonly hook: string }[]) => [...new Set(rows.map(({ hook }) => hook))];

/** A condition on `deliveries d`: it may be claimed. */
const isDue = (sql: Sql) => sql`d.state = 'pending' and d.next_at <= now()
  and (d.lease_until is null or d.lease_until <= now()) and ${isNext(sql)}`;

/**
 * Leases due deliveries, those of hooks that do not fail first. A hook that fails has one POST at a time. Reviews for
 * people share one.
 *
 * Steps:
 * - `due`: the next deliveries of each hook. Their bodies are not sorted with them.
 * - `fitting`: as many as there is room for, in number and in bytes.
 * - `claimed`: leases them, unless another dispatcher has.
 */
async function claim(sql: Sql, hooks: readonly string[] | null, limit: number): Promise<ClaimedDelivery[]> {
  return await sql<ClaimedDelivery[]>`
    with due as (
      select d.id, row_number() over turns as place, sum(d.bytes) over turns - d.bytes as before
      from hooks h cross join lateral (
        (select d.id, octet_length(d.body) as bytes, d.next_at, d.entry from deliveries d
        where d.hook = h.id and ${isDue(sql)} and (h.format = 'webhook' or d.type <> 'call.review')
        order by d.next_at, d.entry
        limit greatest(0, case when h.failing_since is null then ${deliveriesAtOnceMax} else 1 end
          - (select count(*) from deliveries u where u.hook = h.id and u.lease_until > now())))
        union all
        (select d.id, octet_length(d.body), d.next_at, d.entry from deliveries d
        where d.hook = h.id and ${isDue(sql)} and h.format <> 'webhook' and d.type = 'call.review'
        order by d.next_at, d.entry limit ${digestedMax})
      ) d
      where h.state = 'active' and (h.not_before is null or h.not_before <= now()) and ${hasToken(sql, sql`h`)}
        ${hooks === null ? sql`` : sql`and h.id in ${among(sql, hooks)}`}
      window turns as (order by h.failing_since is not null, d.next_at, d.entry, d.id)
    ), fitting as (
      select id from due where place <= ${limit} and before < ${claimedBytesMax}
    ), claimed as (
      update deliveries d set lease_until = now() + ${deliveryLeaseMs} * interval '1 millisecond'
      from fitting f where d.id = f.id and d.state = 'pending' and (d.lease_until is null or d.lease_until <= now())
      returning d.*
    )
    select ${select(sql, claimedDeliveryColumns, "c")}, c.tries - c.tries_before as tries, ${select(sql, claimedHookColumns, "h")}
    from claimed c join hooks h on h.id = c.hook order by c.entry`;
}

const among = (sql: Sql, ids: readonly string[]) =>
  sql`(select id::uuid from json_array_elements_text(${asJson(ids)}::text::json) g(id))`;

/** A few of each hook are looked at, because the first ones may be leased for longer than the others wait. */
async function nextAt(sql: Sql): Promise<number | null> {
  const [row] = await sql<[{ at: number | null }]>`
    select (extract(epoch from min(greatest(d.at, h.not_before))) * 1000)::float8 as at from hooks h cross join lateral (
      select greatest(d.next_at, d.lease_until) as at from deliveries d
      where d.hook = h.id and d.state = 'pending' and ${isNext(sql)}
      order by d.next_at limit ${deliveriesAtOnceMax + 1}) d
    where h.state = 'active' and ${hasToken(sql, sql`h`)}`;
  return row.at;
}
