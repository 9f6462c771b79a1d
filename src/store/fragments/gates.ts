/**
 * The burst gate of new calls, and the verdicts of the gates that only Postgres can answer: `suppression`, `withdraw`, `once_per`, `loop`, `burst`.
 * A plan and a replay share these steps. Each statement has its own steps `judged`, `turns`, `decided` and `made`. The
 * rows of `judged` are the drafts with `stopped`, the reason of the gate that stops a draft before the burst gate.
 */
import { apiSource } from "../../domain/plan/direct-call.ts";
import type { Sql } from "../postgres/connection.ts";
import { toldColumns } from "./call-proof.ts";

type Part = ReturnType<Sql>;

/** A condition: whether the burst gate counts a draft. It counts drafts that will be dialled. */
const isCounted = (sql: Sql, alias: Part) => sql`${alias}status = 'queued' and ${alias}stopped is null`;

/** The step `counted`: adds the drafts of `judged` to the windows of their burst gates. Its rows are the windows with their new counts. */
export function countBursts(sql: Sql) {
  return sql`
      insert into bursts (source, rule, "window", calls)
      select source, rule, to_timestamp(burst_window / 1000), count(*) from judged
      where ${isCounted(sql, sql``)} and burst_calls is not null
      group by 1, 2, 3 order by 1, 2, 3
      on conflict (source, rule, "window") do update set calls = bursts.calls + excluded.calls
      returning source, rule, "window", calls`;
}

/**
 * The step `ranked`: the rows of `judged` with `position`, the draft's position among all calls of its burst window.
 */
export function rankInBurst(sql: Sql) {
  return sql`
      select j.*, b.calls - count(*) over whole_window + row_number() over window_in_order as position
      from judged j left join counted b on b.source = j.source and b.rule = j.rule
        and b."window" = to_timestamp(j.burst_window / 1000) and ${isCounted(sql, sql`j.`)}
      window whole_window as (partition by j.source, j.rule, j.burst_window, ${isCounted(sql, sql`j.`)}),
        window_in_order as (whole_window order by j.nth)`;
}

/**
 * The step `gates`: inserts the verdicts of every call of `made`, from its draft and from the gates of this file.
 *
 * @param hasDirect Whether there may be direct calls. The rows of `decided` then have `repeats`, the event of the call
 *   that a direct call repeats.
 */
export function insertVerdicts(sql: Sql, hasDirect: boolean) {
  return sql`
      insert into verdicts (call_id, gate, verdict, inputs)
      select m.id, v.gate, v.verdict, v.inputs
      from made m join decided d on d.event_id = m.event_id and d.rule = m.rule
        cross join lateral jsonb_to_recordset(d.verdicts || ${verdictsOf(sql, hasDirect)})
          as v(gate text, verdict text, inputs jsonb)
      returning ${toldColumns(sql)}`;
}

/**
 * Verdicts of this file's gates on a row `d` of `decided`, in the order of the gates. A turn's key may be a customer's
 * number, and a verdict is never erased. A verdict therefore names the event with the turn, not the key.
 */
function verdictsOf(sql: Sql, hasDirect: boolean) {
  const verdict = (gate: string, stops: Part, inputs: Part) => sql`
    jsonb_build_array(jsonb_build_object('gate', ${gate}::text, 'verdict', case when ${stops} then 'stop' else 'pass' end,
      'inputs', jsonb_strip_nulls(${inputs})))`;
  const turn: Part = sql`coalesce(
      (select jsonb_build_object('event_id', t.event_id, 'until', t.until) from turns t
        where t.source = d.source and t.rule = d.rule and t.key = d.once_key),
      (select jsonb_build_object('event_id', o.event_id, 'until', o.until) from once o
        where o.source = d.source and o.rule = d.rule and o.key = d.once_key), '{}')`;
  const loop: Part = sql`case when d.source <> ${apiSource} or d.stopped in ('suppressed', 'once_per') then '[]'::jsonb
          else ${verdict(
            "loop",
            sql`d.repeats is not null and d.again_reason is null`,
            sql`jsonb_build_object('event_id', d.repeats, 'again', case when d.again_reason is not null then true end)`,
          )} end`;
  return sql`(case
      when d.stopped = 'withdrawn' then ${verdict("withdraw", sql`true`, sql`jsonb_build_object('event_id', d.withdrawn_by)`)}
      when d.status <> 'queued' then '[]'::jsonb
      else ${verdict("suppression", sql`d.stopped is not distinct from 'suppressed'`, sql`'{}'::jsonb`)}
        || case when d.once_key is null or d.stopped is not distinct from 'suppressed' then '[]'::jsonb
          else ${verdict("once_per", sql`d.stopped is not distinct from 'once_per'`, turn)} end
        ${hasDirect ? sql`|| ${loop}` : sql``}
        || case when d.burst_calls is null or d.stopped is not null then '[]'::jsonb
          else ${verdict(
            "burst",
            sql`d.position > d.burst_calls`,
            sql`jsonb_build_object('calls', d.position, 'allowed', d.burst_calls)`,
          )} end
    end)`;
}
