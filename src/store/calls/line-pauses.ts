/** Pauses and resumes lines, and makes a line wait. Each change is one statement with its entry. */
import { endedByPerson, type ReasonCode } from "../../domain/reasons.ts";
import { scrubText } from "../../platform/log.ts";
import type { LineHold, LinePauses } from "../../ports/calling/line-pauses.ts";
import { columns, present, select, value } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { lines } from "../schema/lines.ts";

type Paused = Awaited<ReturnType<LinePauses["pauseAll"]>>[number];
type PauseOf = NonNullable<Awaited<ReturnType<LinePauses["pauseOf"]>>>;

/** A paused line has its reason. */
const pauseColumns = columns<typeof lines, PauseOf>({ agent: "agent", reason: present("pause_reason") });
const slugColumns = columns<typeof lines, Pick<Paused, "line">>({ line: "slug" });
const reasonColumns = columns<typeof lines, Pick<Paused, "reason">>({ reason: present("pause_reason") });

/** @param sql returns the current client: an object has a new one after it dropped the last */
export function linePauseStore(sql: () => Sql): LinePauses {
  return {
    pauseLine: (line, reason, detail, actor) => pauseLine(sql(), line, reason, detail, actor),
    resumeLine: (line, actor, byPerson, reason) => resumeLine(sql(), line, actor, byPerson, reason),
    pauseAll: (detail, actor) => pauseAll(sql(), detail, actor),
    resumeAll: (reason, actor) => resumeAll(sql(), reason, actor),
    pauseOf: (line) => pauseOf(sql(), line),
    holdLine: (line, waitMs, reason) => holdLine(sql(), line, waitMs, reason),
  };
}

/** Pauses a line. A paused line keeps its first reason, but a person's pause replaces one that Mihu's answers caused. */
async function pauseLine(sql: Sql, line: string, reason: ReasonCode, detail: string, actor: string): Promise<boolean> {
  const text = scrubbed(detail);
  const rows = await sql`
    with paused as (
      update lines set paused_at = now(), pause_reason = ${reason}, pause_detail = ${text}
      where slug = ${line} and (paused_at is null
        -- The reason of a pause after a restore says how to continue, and only a person may end that pause.
        or (${reason}::text = 'paused_by_person' and pause_reason not in ('paused_by_person', 'database_went_back')))
      returning slug
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'line', slug, 'paused', ${actor}, ${reason}::text, jsonb_build_object('detail', ${text}::text) from paused
    )
    select slug from paused`;
  return rows.length > 0;
}

/**
 * Ends a line's pause.
 *
 * @param byPerson whether a person resumes the line. Only a person ends a pause by a person, or a pause because the
 *   database went back. After a database that went back, the line continues with the claim number of its object.
 * @returns whether the line was paused, and may dial again
 */
async function resumeLine(sql: Sql, line: string, actor: string, byPerson: boolean, reason?: string): Promise<boolean> {
  const rows = await sql`
    with resumed as (
      update lines set paused_at = null, pause_reason = null, pause_detail = null, pause_claim_seq = null,
        -- The previous version stored the claim number as the pause's detail.
        claim_seq = case when pause_reason = 'database_went_back' then greatest(claim_seq, coalesce(pause_claim_seq,
          case when pause_detail ~ '^[0-9]{1,18}$' then pause_detail::bigint end)) else claim_seq end
      where slug = ${line} and paused_at is not null
        and (${byPerson} or pause_reason not in ${sql(endedByPerson)}) returning slug
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'line', slug, 'resumed', ${actor}, jsonb_strip_nulls(jsonb_build_object('detail', ${scrubbed(reason)}::text))
      from resumed
    )
    select slug from resumed`;
  return rows.length > 0;
}

/**
 * Pauses every existing line. A line that a person paused before keeps its reason. A line that Mihu's answers paused
 * counts as paused by a person from now on, so no good answer ends its pause.
 *
 * @returns Every line with the reason of its pause.
 */
async function pauseAll(sql: Sql, detail: string, actor: string): Promise<Paused[]> {
  const text = scrubbed(detail);
  return await sql<Paused[]>`
    with paused as (
      update lines set paused_at = now(), pause_reason = 'all_paused', pause_detail = ${text}
      where paused_at is null or pause_reason not in ${sql(endedByPerson)} returning slug
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'line', slug, 'paused', ${actor}, 'all_paused', jsonb_build_object('detail', ${text}::text) from paused
    )
    select ${select(sql, slugColumns, "l")},
      case when p.slug is null then ${value(sql, reasonColumns, "l")} else 'all_paused' end as reason
    from lines l left join paused p on p.slug = l.slug
    where p.slug is not null or l.paused_at is not null order by l.slug`;
}

/** Ends the pauses that {@link pauseAll} made, but no other pause. @returns the lines that resume */
async function resumeAll(sql: Sql, reason: string | undefined, actor: string): Promise<string[]> {
  const rows = await sql<{ slug: string }[]>`
    with resumed as (
      update lines set paused_at = null, pause_reason = null, pause_detail = null, pause_claim_seq = null
      where pause_reason = 'all_paused' returning slug
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'line', slug, 'resumed', ${actor},
        jsonb_strip_nulls(jsonb_build_object('detail', ${scrubbed(reason)}::text, 'all', true)) from resumed
    )
    select slug from resumed order by slug`;
  return rows.map(({ slug }) => slug);
}

/** The reason of a pause or a resume. Entries are never erased, and `/readyz` shows it, so a number in it is replaced. */
const scrubbed = (text: string | undefined) => (text === undefined ? null : scrubText(text));

/** @returns why a line is paused; `null` if it is not paused, or does not exist. */
async function pauseOf(sql: Sql, line: string): Promise<PauseOf | null> {
  const [row] = await sql<PauseOf[]>`
    select ${select(sql, pauseColumns, "lines")} from lines where slug = ${line} and paused_at is not null`;
  return row ?? null;
}

/** The line dials nothing for a while: Mihu answered 429, or its claims take too long. */
async function holdLine(sql: Sql, line: string, waitMs: number, reason: LineHold = "rate_limited"): Promise<void> {
  await sql`
    with held as (
      update lines set not_before = greatest(not_before, now() + ${waitMs} * interval '1 millisecond')
      where slug = ${line} returning slug, not_before
    )
    insert into entries (subject, subject_id, action, actor, reason, data)
    select 'line', slug, case when ${reason}::text = 'claims_slow' then 'claims_slow' else 'rate_limited' end,
      'line:' || slug, ${reason}::text, jsonb_build_object('not_before', not_before)
    from held`;
}
