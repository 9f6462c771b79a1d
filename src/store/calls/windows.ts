/** Calling hours of waiting calls. */
import type { LineVersion } from "../../domain/calls/line.ts";
import type { NextWindow, WindowStore } from "../../ports/calling/windows.ts";
import { findLine } from "../config/lines.ts";
import { sameLines } from "../config/versions.ts";
import { toldColumns, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { array, columns, orEmpty, select } from "../postgres/columns.ts";
import { asJson, type Sql } from "../postgres/connection.ts";
import type { calls } from "../schema/calls.ts";

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function windowStore(sql: () => Sql): WindowStore {
  return {
    windowsPassed: (line, limit) => windowsPassed(sql(), line, limit),
    line: (slug) => findLine(sql(), slug),
    rewindow: (line, windows) => rewindow(sql(), line, windows),
  };
}

type Passed = Awaited<ReturnType<WindowStore["windowsPassed"]>>[number];
const passedColumns = columns<typeof calls, Passed>({ id: "id", zones: orEmpty(array("zones")) });

/** Waiting calls whose calling hours are over and that need their next window. */
async function windowsPassed(sql: Sql, line: string, limit: number): Promise<Passed[]> {
  return await sql<Passed[]>`
    select ${select(sql, passedColumns, "calls")} from calls
    where line = ${line} and status = 'queued' and closes_at <= now() and (expires_at is null or expires_at > now())
    order by due_at limit ${limit}`;
}

/** Gives waiting calls their next calling hours, and cancels those that have none, if the line still has the version of these hours. */
async function rewindow(sql: Sql, by: LineVersion, windows: readonly NextWindow[]): Promise<boolean> {
  const line = by.slug;
  const rows = windows.map(({ id, window }) => ({
    id,
    due_at: window?.dueAt ?? null,
    closes_at: window?.closesAt ?? null,
  }));
  const [written] = await sql<[{ holds: boolean }]>`
    with same_lines as (${sameLines(sql, [by])}
    ), rewindowed as (
      update calls c set due_at = coalesce(to_timestamp(w.due_at / 1000), c.due_at),
        closes_at = to_timestamp(w.closes_at / 1000),
        status = case when w.due_at is null then 'canceled' else c.status end,
        reason = case when w.due_at is null then 'never_open' else c.reason end
      from same_lines l cross join json_to_recordset(${asJson(rows)}::text::json) as w(id uuid, due_at float8, closes_at float8)
      where c.id = w.id and c.line = l.slug and c.status = 'queued'
      returning c.id, c.status, c.reason, c.due_at, c.closes_at, c.zones
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select id, 'hours', case when status = 'queued' then 'pass' else 'stop' end, jsonb_strip_nulls(jsonb_build_object(
        'zones', to_jsonb(zones), 'due_at', case when status = 'queued' then due_at end, 'closes_at', closes_at))
      from rewindowed
      returning ${toldColumns(sql)}
    ), audited as (
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'call', id::text, case when status = 'queued' then 'postponed' else status end, 'line:' || ${line},
      case when status = 'queued' then 'outside calling hours' else reason end, jsonb_build_object('due_at', due_at)
      || ${toldField(sql)}
    from rewindowed ${toldVerdicts(sql, "rewindowed")}
    )
    select exists (select 1 from same_lines) as holds`;
  return written.holds;
}
