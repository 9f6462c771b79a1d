/**
 * Deliveries, from the entry to the recorded try. All statements are of the dispatcher, which has the only connection.
 * Two dispatchers at once, as during a deploy, are harmless: the mark moves once, and a lease is taken once.
 */
import {
  deliveriesAtOnceMax,
  deliveryLeaseMs,
  digestEverySeconds,
  digestedMax,
  hookFailsDaysMax,
  triesUntilToldAsFailing,
} from "../../domain/hooks/limits.ts";
import type {
  ClaimedDelivery,
  DeliveryResult,
  DispatchStore,
  FailedCondition,
  ListeningHook,
  NewDelivery,
} from "../../ports/hooks/deliveries.ts";
import type { OutboxMark } from "../../ports/hooks/outbox.ts";
import { array, columns, jsonFields, ms, number, present, select, text } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { deliveries, hooks as hooksTable, outbox } from "../schema/hooks.ts";
import { hookHost } from "./hook-host.ts";
import { hasToken } from "./hook-token.ts";

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
const claimedDeliveryColumns = columns<typeof deliveries, Pick<ClaimedDelivery, "id" | "hook" | "type" | "body">>({
  id: "id",
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
    advance: (from, to, made, failed) => advance(sql(), from, to, made, failed),
    claim: (hooks, limit) => claim(sql(), hooks, limit),
    record: (results) => record(sql(), results),
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
 * - `moved`: moves the mark, unless another dispatcher has.
 * - `conditions_noted`: says of each hook why its condition could not be decided.
 * - `inserted`: inserts the deliveries. While an earlier delivery of the same call waits for another try, the new one is
 *   due no sooner, so that no claim looks at it in vain. Reviews for people are due together.
 */
async function advance(
  sql: Sql,
  from: OutboxMark,
  to: OutboxMark,
  made: readonly NewDelivery[],
  failed: readonly FailedCondition[],
): Promise<string[] | null> {
  const [row] = await sql<[{ moved: boolean; hooks: string[] }]>`
    with moved as (
      update outbox set tx = ${to.tx}::text::xid8, entry = ${to.id}
      where tx = ${from.tx}::text::xid8 and entry = ${from.id} returning 1
    ), conditions_noted as (
      update hooks h set condition_error = g.error, condition_error_at = now()
      from moved, (select distinct on (hook) hook, error from json_to_recordset(${asJson(failed)}::text::json)
        as f(hook uuid, error text)) g where h.id = g.hook
    ), inserted as (
      insert into deliveries (hook, entry, call, type, body, personal, state, reason, next_at, done_at)
      select g.hook, g.entry, g.call, g.type, g.body, g.personal, g.state,
        case when g.state = 'missed' then 'hook_disabled' end,
        case when g.state = 'pending' then greatest(now(), case when h.format <> 'webhook' and g.type = 'call.review'
          then to_timestamp(ceil(extract(epoch from now()) / ${digestEverySeconds}) * ${digestEverySeconds}) end,
          (select max(e.next_at) from deliveries e
          where e.hook = g.hook and e.call = g.call and e.state = 'pending')) end,
        case when g.state = 'missed' then now() end
      from moved, json_to_recordset(${asJson(made)}::text::json) as g(
          hook uuid, entry bigint, call uuid, type text, body text, personal boolean, state text)
        join hooks h on h.id = g.hook
      on conflict (hook, entry) do nothing
      returning hook, state
    )
    select exists (select 1 from moved) as moved,
      (select coalesce(json_agg(distinct hook), '[]') from inserted where state = 'pending') as hooks`;
  return row.moved ? row.hooks : null;
}

/**
 * Leases due deliveries. A delivery waits for the earlier ones of its call, so that a receiver learns what became of a
 * call in order. A hook that fails has one POST at a time.
 *
 * Steps:
 * - `due`: the next deliveries of each hook.
 * - `claimed`: leases them, unless another dispatcher has.
 */
async function claim(sql: Sql, hooks: readonly string[] | null, limit: number): Promise<ClaimedDelivery[]> {
  return await sql<ClaimedDelivery[]>`
    with due as (
      select d.id from hooks h cross join lateral (
        select d.id from deliveries d
        where d.hook = h.id and d.state = 'pending' and d.next_at <= now() and d.body is not null
          and (d.lease_until is null or d.lease_until <= now())
          and not exists (select 1 from deliveries e
            where e.hook = d.hook and e.call = d.call and e.state = 'pending' and e.entry < d.entry)
        order by d.next_at, d.entry
        limit greatest(0, case when h.format <> 'webhook' then ${digestedMax} when h.failing_since is null
          then ${deliveriesAtOnceMax} else 1 end - (select count(*) from deliveries u
            where u.hook = h.id and u.lease_until > now()))
      ) d
      where h.state = 'active' and ${hasToken(sql, sql`h`)}
        ${hooks === null ? sql`` : sql`and h.id in ${among(sql, hooks)}`}
      limit ${limit}
    ), claimed as (
      update deliveries d set lease_until = now() + ${deliveryLeaseMs} * interval '1 millisecond'
      from due where d.id = due.id and d.state = 'pending' and (d.lease_until is null or d.lease_until <= now())
      returning d.*
    )
    select ${select(sql, claimedDeliveryColumns, "c")}, c.tries - c.tries_before as tries, ${select(sql, claimedHookColumns, "h")}
    from claimed c join hooks h on h.id = c.hook order by c.entry`;
}

/**
 * Records tries, and what follows from them for their hooks.
 *
 * Steps:
 * - `given`: the tries.
 * - `tried`: counts the try, and moves the delivery.
 * - `tries_noted`: inserts the try with the receiver's answer.
 * - `postponed`: later deliveries of the same call wait as long as the one that is tried again.
 * - `summary`: what the tries say of each hook.
 * - `judged`: hooks that change: they fail, are told as failing, recover, or are disabled.
 * - `missed`: deliveries of a disabled hook that nobody tries any more.
 * - `raised`: raises the version if a hook was disabled.
 */
async function record(sql: Sql, results: readonly DeliveryResult[]): Promise<void> {
  await sql`
    with given as (
      select * from json_to_recordset(${asJson(results.map(resultRow))}::text::json) as g(
        id uuid, hook uuid, at float8, ms int, status int, error text, answer text, verdict text, in_ms float8, reason text)
    ), tried as (
      update deliveries d set tries = d.tries + 1, lease_until = null,
        state = case g.verdict when 'delivered' then 'delivered' when 'retry' then 'pending' else 'given_up' end,
        reason = g.reason,
        next_at = case when g.verdict = 'retry' then now() + g.in_ms * interval '1 millisecond' end,
        done_at = case when g.verdict <> 'retry' then now() end
      from given g where d.id = g.id and d.state = 'pending'
      returning d.id, d.hook, d.call, d.entry, d.tries, d.tries - d.tries_before as in_round, d.next_at, g.verdict, g.at, g.ms,
        g.status, g.error, g.answer
    ), tries_noted as (
      insert into delivery_tries (delivery, nth, at, ms, status, error, answer)
      select id, tries, to_timestamp(at / 1000), ms, status, error, answer from tried on conflict do nothing
    ), postponed as (
      update deliveries e set next_at = greatest(e.next_at, t.next_at) from tried t
      where t.verdict = 'retry' and e.hook = t.hook and e.call = t.call and e.state = 'pending' and e.entry > t.entry
    ), summary as (
      select hook, bool_or(verdict = 'delivered') as succeeded, bool_or(verdict = 'end_hook') as gone,
        max(in_round) filter (where verdict <> 'delivered') as tries,
        max(coalesce(error, 'receiver_failed')) filter (where verdict <> 'delivered') as reason,
        max('HTTP ' || status) filter (where verdict <> 'delivered' and error is null) as detail
      from tried group by hook
    ), judged as (
      update hooks h set
        failing_since = case when s.succeeded then null else coalesce(h.failing_since, now()) end,
        told_at = case when s.succeeded then null when s.tries >= ${triesUntilToldAsFailing} then coalesce(h.told_at, now())
          else h.told_at end,
        state = case when ${isEnded(sql)} then 'disabled' else h.state end,
        state_reason = case when ${isEnded(sql)} then case when s.gone then 'receiver_gone' else 'failing_for_days' end
          else h.state_reason end,
        state_detail = case when ${isEnded(sql)} then coalesce(s.detail, s.reason) else h.state_detail end,
        state_since = case when ${isEnded(sql)} then now() else h.state_since end
      from summary s join hooks b on b.id = s.hook
      where h.id = s.hook and (s.succeeded and h.failing_since is not null or not s.succeeded)
      returning h.id, ${hookHost(sql, sql`h`)} as host, h.owner, h.state, h.state_reason, h.failing_since, s.reason,
        s.detail, s.succeeded, b.told_at as told_before, h.told_at, b.state as state_before, b.failing_since as failing_before
    ), missed as (
      update deliveries d set state = 'missed', reason = 'hook_disabled', next_at = null, lease_until = null, done_at = now()
      from judged j where j.state = 'disabled' and j.state_before <> 'disabled' and d.hook = j.id and d.state = 'pending'
        and d.id not in (select id from given)
    ), raised as (
      update outbox set version = version + 1
      where exists (select 1 from judged where state = 'disabled' and state_before <> 'disabled')
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'hook', id::text, told.action, 'dispatcher', told.reason, jsonb_build_object('owner', owner, 'host', host,
      'since', coalesce(failing_before, failing_since), 'detail', case when told.action <> 'recovered' then j.detail end)
    from judged j cross join lateral (
      select 'failing' as action, j.reason where j.told_before is null and j.told_at is not null and j.state <> 'disabled'
      union all select 'recovered', null where j.succeeded and j.told_before is not null
      union all select 'disabled', j.state_reason where j.state = 'disabled' and j.state_before <> 'disabled') told`;
}

const among = (sql: Sql, ids: readonly string[]) =>
  sql`(select id::uuid from json_array_elements_text(${asJson(ids)}::text::json) g(id))`;

/** A condition on `hooks h` with its `summary s`: the receiver ended the hook, or it has failed for days. */
const isEnded = (sql: Sql) => sql`(s.gone or not s.succeeded
  and h.failing_since < now() - ${hookFailsDaysMax} * interval '1 day')`;

function resultRow({ id, hook, posted, verdict }: DeliveryResult) {
  const { at, ms, status, error, answer } = posted;
  const row = { id, hook, at, ms, status, error, answer, verdict: verdict.is };
  if (verdict.is === "delivered") return row;
  return verdict.is === "retry" ? { ...row, in_ms: verdict.afterMs } : { ...row, reason: verdict.reason };
}

async function nextAt(sql: Sql): Promise<number | null> {
  const [row] = await sql<[{ at: number | null }]>`
    select (extract(epoch from min(d.at)) * 1000)::float8 as at from hooks h cross join lateral (
      select greatest(d.next_at, d.lease_until) as at from deliveries d
      where d.hook = h.id and d.state = 'pending' order by d.next_at limit 1) d
    where h.state = 'active' and ${hasToken(sql, sql`h`)}`;
  return row.at;
}
