/** Results of tries: they move deliveries, and hooks that fail, recover or end. */
import { hookFailsDaysMax, triesUntilToldAsFailing } from "../../domain/hooks/limits.ts";
import { retryAfterMsMax } from "../../domain/hooks/retries.ts";
import type { DeliveryResult } from "../../ports/hooks/deliveries.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { hookHost } from "./hook-host.ts";

/**
 * Records tries. A result that is recorded already, because the answer to the first attempt was lost, changes nothing.
 *
 * Steps:
 * - `locked`: the hooks, before any delivery, each with its results. A join of two steps would compare each row with each.
 * - `given`: the results, each with its hook.
 * - `counted`: results that count. A success counts in any case, another result only if no try was recorded since its
 *   claim.
 * - `ends`: the guard, hooks that end: the receiver said so, or has failed for days.
 * - `tried`: counts the try, and moves the delivery.
 * - `tries_noted`: inserts the try with the receiver's answer, unless the call's data was erased meanwhile.
 * - `postponed`: later deliveries of the same call wait as long as the one that is tried again.
 * - `summary`: what the tries say of each hook.
 * - `judged`: hooks that change: they fail, are told as failing, recover, or are disabled.
 * - `missed`: deliveries of a disabled hook that nobody tries any more.
 * - `raised`: raises the version if a hook was disabled.
 */
export async function record(sql: Sql, results: readonly DeliveryResult[]): Promise<void> {
  await sql`
    with locked as (
      select h.id, h.state, h.failing_since, h.told_at, g.results
      from json_to_recordset(${asJson(byHook(results))}::text::json) as g(hook uuid, results json) join hooks h on h.id = g.hook
      order by h.id for no key update of h
    ), given as materialized (
      select l.id as hook, l.state as hook_state, l.failing_since, l.told_at as told_before, g.*
      from locked l cross join lateral json_to_recordset(l.results) as g(id uuid, recorded int, at float8, ms int, status int,
        error text, answer text, verdict text, in_ms float8, reason text, retry_ms float8)
    ), counted as materialized (
      select g.*, d.personal as was_personal, d.tries - d.tries_before + 1 as this_round,
        exists (select 1 from calls c where c.id = d.call and c.erased_at is not null) as is_erased
      from given g join deliveries d on d.id = g.id and d.hook = g.hook
      where d.state = 'pending' and (d.tries = g.recorded or g.verdict = 'delivered')
    ), ends as (
      select hook from counted where hook_state <> 'disabled' group by hook
      having bool_or(verdict = 'end_hook') or not bool_or(verdict = 'delivered')
        and min(failing_since) < now() - ${hookFailsDaysMax} * interval '1 day'
        and max(this_round) >= ${triesUntilToldAsFailing}
    ), tried as (
      update deliveries d set tries = d.tries + 1, lease_until = null,
        state = case when g.verdict = 'delivered' then 'delivered' when g.verdict <> 'retry' then 'given_up'
          when e.hook is null then 'pending' else 'missed' end,
        reason = case when g.verdict = 'retry' and e.hook is not null then 'hook_disabled'
          else coalesce(g.reason, case when d.reason = 'delivery_erased' then d.reason end) end,
        next_at = case when g.verdict = 'retry' and e.hook is null then now() + g.in_ms * interval '1 millisecond' end,
        done_at = case when g.verdict <> 'retry' or e.hook is not null then now() end
      from counted g left join ends e on e.hook = g.hook
      where d.id = g.id and d.state = 'pending' and (d.tries = g.recorded or g.verdict = 'delivered')
      returning d.id, d.hook, d.call, d.entry, d.state, d.tries, d.tries - d.tries_before as in_round, d.next_at, g.verdict,
        g.told_before, g.failing_since as failed_before, g.at, g.ms, g.status, g.error, g.retry_ms,
        -- An erasure may have come between this statement's beginning and its lock of the delivery.
        case when not g.is_erased and g.was_personal = d.personal then g.answer end as answer
    ), tries_noted as (
      insert into delivery_tries (delivery, nth, at, ms, status, error, answer)
      select id, tries, to_timestamp(at / 1000), ms, status, error, answer from tried on conflict do nothing
    ), postponed as (
      update deliveries e set next_at = greatest(e.next_at, t.next_at) from tried t
      where t.state = 'pending' and e.hook = t.hook and e.call = t.call and e.state = 'pending' and e.entry > t.entry
        and e.id not in (select id from given)
    ), summary as (
      select hook, bool_or(verdict = 'delivered') as succeeded, bool_or(verdict = 'end_hook') as gone,
        max(in_round) filter (where verdict <> 'delivered') as tries,
        max(coalesce(error, 'receiver_failed')) filter (where verdict <> 'delivered') as reason,
        max('HTTP ' || status) filter (where verdict <> 'delivered' and error is null) as detail,
        max(retry_ms) filter (where verdict = 'retry') as retry_ms, max(told_before) as told_before,
        max(failed_before) as failed_before
      from tried group by hook
    ), judged as (
      update hooks h set
        failing_since = case when s.succeeded and e.hook is null then null else coalesce(h.failing_since, now()) end,
        not_before = case when s.retry_ms > 0 then now() + s.retry_ms * interval '1 millisecond' end,
        told_at = case when e.hook is not null then coalesce(h.told_at, now())
          when s.succeeded and not exists (select 1 from deliveries p where p.hook = h.id and p.state = 'pending'
            and p.tries - p.tries_before >= ${triesUntilToldAsFailing} and p.id not in (select id from given)) then null
          when s.succeeded then h.told_at
          when s.tries >= ${triesUntilToldAsFailing} then coalesce(h.told_at, now()) else h.told_at end,
        state = case when e.hook is not null then 'disabled' else h.state end,
        state_reason = case when e.hook is null then h.state_reason when s.gone then 'receiver_gone' else 'failing_for_days' end,
        state_detail = case when e.hook is not null then coalesce(s.detail, s.reason) else h.state_detail end,
        state_since = case when e.hook is not null then now() else h.state_since end
      from summary s left join ends e on e.hook = s.hook
      where h.id = s.hook and (not s.succeeded or e.hook is not null or h.failing_since is not null or h.told_at is not null
        or h.not_before is not null)
      returning h.id, ${hookHost(sql, sql`h`)} as host, h.owner, h.state_reason, s.reason, s.detail, s.succeeded,
        e.hook is not null as is_ended,
        s.told_before, h.told_at, coalesce(s.failed_before, h.failing_since) as since
    ), missed as (
      update deliveries d set state = 'missed', reason = 'hook_disabled', next_at = null, lease_until = null, done_at = now()
      from ends e where d.hook = e.hook and d.state = 'pending' and d.id not in (select id from given)
    ), raised as (
      update outbox set version = version + 1 where exists (select 1 from judged where is_ended)
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'hook', id::text, told.action, 'dispatcher', told.reason,
      jsonb_build_object('owner', owner, 'host', host, 'since', since,
        'detail', case when told.action <> 'recovered' then j.detail end)
    from judged j cross join lateral (
      select 'failing' as action, j.reason where j.told_before is null and j.told_at is not null and not j.is_ended
      union all select 'recovered', null where j.succeeded and j.told_before is not null and j.told_at is null and not j.is_ended
      union all select 'disabled', j.state_reason where j.is_ended) told`;
}

/** The results of each hook. */
function byHook(results: readonly DeliveryResult[]) {
  return [...Map.groupBy(results, ({ hook }) => hook)].map(([hook, own]) => ({ hook, results: own.map(resultRow) }));
}

function resultRow({ id, recorded, posted, verdict }: DeliveryResult) {
  const { at, ms, status, error, answer } = posted;
  const retryMs = Math.min(posted.retryAfterMs ?? 0, retryAfterMsMax);
  const row = { id, recorded, at, ms, status, error, answer, verdict: verdict.is, retry_ms: retryMs };
  if (verdict.is === "delivered") return row;
  return verdict.is === "retry" ? { ...row, in_ms: verdict.afterMs } : { ...row, reason: verdict.reason };
}
