/** Releases: held calls that a person lets ring. */

import type { Release, ReleaseEnd } from "../../ports/people/decisions.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import { sameLines, sameSources } from "../config/versions.ts";
import { releasedRow, toldColumns, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { draftRow } from "../fragments/new-call.ts";
import { isSuppressed } from "../fragments/suppressed.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import { dialRow, entryReason, taskFact } from "./person-acts.ts";

/**
 * Queues calls that are held.
 *
 * Steps:
 * - `given`: the calls, with their new times and their `once_per` turns.
 * - `same_sources`: locks the sources that have the version by which the times were computed.
 * - `same_lines`: locks the lines that have that version.
 * - `locked_rules`: locks the rules whose present version renews calls.
 * - `locked`: locks the calls that are still held, and whose times are still valid.
 * - `turns`: takes the free turns, and prolongs the turns that the call's event has.
 * - `judged`: the calls with their result: `released`, or the gate that stops the call.
 * - `released`: queues the calls.
 * - `gates`: inserts their verdicts.
 * - `audited`: inserts their entries.
 */
export async function release(
  sql: Sql,
  releases: readonly Release[],
  act: PersonAct,
): Promise<ReadonlyMap<string, ReleaseEnd>> {
  const sources = releases.map(({ times }) => times.source);
  const lines = releases.map(({ times }) => times.line);
  const given = releases.map(({ id, times, turn, newest }, nth) => ({
    ...dialRow(id, times),
    once_key: turn?.key ?? null,
    once_until: turn?.until ?? null,
    newest: newest === undefined ? null : draftRow({ event_id: id, draft: newest }, nth),
  }));
  /** A column from the current version of the rule, or its shown value if the call rings as shown. */
  const renewed = (column: string, type: string): ReturnType<Sql> =>
    sql`${sql(column)} = case when j.newest is null then c.${sql(column)}
      else (j.newest->>${column}::text)::${sql.unsafe(type)} end`;
  const rows = await sql<{ id: string; end: ReleaseEnd }[]>`
    with given as (
      select * from json_to_recordset(${asJson(given)}::text::json) as g(id uuid, new_due float8, new_closes float8,
        new_expires float8, verdicts jsonb, by_line text, by_source text, once_key text, once_until float8, newest jsonb)
    ), same_sources as (${sameSources(sql, sources)}
    ), same_lines as (${sameLines(sql, lines)}
    ), locked_rules as (
      -- The lock waits for a change of the rule that is being committed. Once that change is answered, no call rings by
      -- the older version.
      select g.id as call_id from given g join calls c on c.id = g.id
        join rules r on r.source = c.source and r.name = c.rule and r.version = (g.newest->>'rule_version')::int
      where r.current order by r.source, r.name for share of r
    ), locked as (
      select g.*, c.source, c.rule, c.event_id, c.rule_version as old_version, c.content as old_content,
        ${isSuppressed(sql, sql`coalesce(g.newest->>'number', c.number)`)} as suppressed,
        g.newest is not null and r.call_id is null as outdated
      from given g left join locked_rules r on r.call_id = g.id
        join calls c on c.id = g.id where c.status = 'held'
        and g.by_source in (select slug from same_sources) and g.by_line in (select slug from same_lines)
      order by c.id for no key update of c
    ), turns as (
      -- The call's own turn is prolonged, and one that has expired is taken over. Another event's turn stays as it is.
      insert into once (source, rule, key, event_id, until)
      select distinct on (m.source, m.rule, m.once_key)
        m.source, m.rule, m.once_key, m.event_id, to_timestamp(m.once_until / 1000)
      from locked m where m.once_key is not null and not m.suppressed and not m.outdated
      -- If several calls want one turn, the call that already has it wins, otherwise the first call.
      order by m.source, m.rule, m.once_key, exists (select 1 from once o where o.source = m.source and o.rule = m.rule
        and o.key = m.once_key and o.event_id = m.event_id) desc, m.new_due, m.id
      on conflict (source, rule, key) do update set event_id = excluded.event_id, until = greatest(once.until, excluded.until)
        where once.until <= now() or once.event_id = excluded.event_id
      returning source, rule, key, event_id, until
    ), judged as (
      select m.*, t.until as turn_until, case when m.outdated then 'rule_changed' when m.suppressed then 'suppressed'
        when m.once_key is not null and t.key is null then 'once_per' else 'released' end as "end"
      from locked m left join turns t
        on t.source = m.source and t.rule = m.rule and t.key = m.once_key and t.event_id = m.event_id
    ), released as (
      update calls c set status = 'queued', reason = null, detail = null, released_at = now(),
        due_at = to_timestamp(j.new_due / 1000),
        closes_at = to_timestamp(j.new_closes / 1000), expires_at = to_timestamp(j.new_expires / 1000),
        ${renewed("rule_version", "int")}, ${renewed("mode", "text")}, ${renewed("line", "text")},
        ${renewed("number", "text")}, ${renewed("country", "text")}, ${renewed("about", "text")},
        ${renewed("prompt", "text")}, ${renewed("prompt_overwrite", "boolean")}, ${renewed("greeting", "text")},
        ${renewed("salt", "text")}, ${renewed("content", "text")},
        zones = case when j.newest is null then c.zones else array(select jsonb_array_elements_text(j.newest->'zones')) end
      from judged j where c.id = j.id and c.status = 'held' and j."end" = 'released'
      returning c.id, c.due_at, j.verdicts, j.once_key, j.turn_until, ${releasedRow(sql, "c")} as proof,
        case when j.newest is null then '{}'::jsonb
        else jsonb_build_object('render', 'newest', 'rule_version', c.rule_version, 'rule_version_before', j.old_version,
          'content', c.content, 'content_before', j.old_content, 'mode', c.mode, 'line', c.line) end as rendered
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select g.id, v.gate, v.verdict, v.inputs from released g cross join lateral jsonb_to_recordset(g.verdicts
        || '[{"gate": "suppression", "verdict": "pass", "inputs": {}}]'::jsonb
        || case when g.once_key is null then '[]'::jsonb else jsonb_build_array(jsonb_build_object('gate', 'once_per',
          'verdict', 'pass', 'inputs', jsonb_build_object('until', g.turn_until))) end
      ) as v(gate text, verdict text, inputs jsonb)
      returning ${toldColumns(sql)}
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', id::text, 'released', ${act.actor}, jsonb_strip_nulls(jsonb_build_object('due_at', due_at,
        'reason', ${entryReason(act)}::text)) || ${taskFact(sql, act)} || rendered || proof || ${toldField(sql)}
        from released ${toldVerdicts(sql, "released")}
    )
    select id, "end" from judged`;
  return new Map(rows.map((row) => [row.id, row.end]));
}
