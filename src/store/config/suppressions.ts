/**
 * Numbers that must not be called. A number is stored only in its own row. Entries name it by its mark, a hash under a salt that is
 * deleted with the row.
 */
import { commitment, randomText } from "../../platform/hashes.ts";
import { scrubText } from "../../platform/log.ts";
import type { ClaimedOn } from "../../ports/calling/stops.ts";
import type { Suppressed, SuppressionRow, SuppressionStore } from "../../ports/config/suppressions.ts";
import { toldColumns, toldField, toldVerdicts } from "../fragments/call-proof.ts";
import { stopLocked } from "../fragments/stopped.ts";
import { columns, ms, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { suppressions } from "../schema/gates.ts";

/** Suppressions that a list holds at most. */
const listedMax = 1_000;

/** Statuses in which no line has the call. */
const waiting = ["queued", "held"];
/** Statuses in which Mihu has the call, may have it, or may get it. */
const underWay = ["dialing", "unknown", "placed", "review"];

const suppressionColumns = columns<typeof suppressions, SuppressionRow>({
  number: "number",
  reason: "reason",
  until: ms("until"),
  createdAt: ms("created_at"),
  createdBy: "created_by",
});

/** @param sql the request's client */
export function suppressionStore(sql: Sql): SuppressionStore {
  return {
    suppressions: () => listSuppressions(sql),
    suppress: (row) => suppress(sql, row),
    release: (number, actor) => release(sql, number, actor),
  };
}

/** Every suppression, newest first. */
async function listSuppressions(sql: Sql): Promise<SuppressionRow[]> {
  return await sql<SuppressionRow[]>`
    select ${select(sql, suppressionColumns, "suppressions")}
    from suppressions order by created_at desc, number limit ${listedMax}`;
}

/**
 * Suppresses a number and stops its calls. A repeat replaces the reason and the end.
 *
 * One that was planned and claimed while the statement waited for another is found by a question that begins after the suppression is
 * committed, and stopped by a second statement.
 */
async function suppress(sql: Sql, row: Omit<SuppressionRow, "createdAt">): Promise<Suppressed> {
  const salt = randomText();
  const stops = stopCalls(sql, row);
  const first = await sql<StoppedCall[]>`
    with saved as (
      insert into suppressions (number, mark, salt, reason, until, created_by)
      values (${row.number}, ${commitment(salt, row.number)}, ${salt}, ${row.reason},
        to_timestamp(${row.until}::float8 / 1000), ${row.createdBy})
      on conflict (number) do update set reason = excluded.reason, until = excluded.until, created_by = excluded.created_by,
        -- The row keeps its mark. A row of an earlier version has none yet.
        mark = case when suppressions.salt is null then excluded.mark else suppressions.mark end,
        salt = coalesce(suppressions.salt, excluded.salt)
      returning mark, until
    ), audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'suppression', mark, 'saved', ${row.createdBy}, ${scrubText(row.reason)}, jsonb_build_object('until', until)
      from saved
    ), ${stops}
    select id, line, status from stopped`;
  const [missed] = await sql`select from calls where number = ${row.number}
    and (status in ${sql(waiting)} or status in ${sql(underWay)} and again_stopped is null) limit 1`;
  const second =
    missed === undefined ? [] : await sql<StoppedCall[]>`with ${stops} select id, line, status from stopped`;
  const rows = [...first, ...second];
  const claimed = new Map(rows.filter(({ status }) => status === "dialing").map(({ id, line }) => [id, { id, line }]));
  return { canceled: rows.filter(({ status }) => status === "canceled").length, claimed: [...claimed.values()] };
}

type StoppedCall = ClaimedOn & { readonly status: string };

/**
 * Steps of a statement:
 * - `locked`: locks the calls of the number that wait or are under way. It waits for a claim that takes one at this moment, and for an end
 *   of a call that makes its further try.
 * - `stopped`: cancels those that wait, and marks the others: no further try follows, and a claimed one is canceled if it comes back.
 * - `gates`: inserts the verdicts of the calls that are canceled.
 * - `calls_audited`: inserts the calls' entries. A call that was marked before has its entry.
 */
function stopCalls(sql: Sql, { number, createdBy }: Pick<SuppressionRow, "number" | "createdBy">): ReturnType<Sql> {
  return sql`locked as (
      select id, status in ${sql(waiting)} as waits, again_stopped is null as fresh from calls
      where number = ${number} and status in ${sql([...waiting, ...underWay])} order by id for no key update
    ), stopped as (
      update calls c set ${stopLocked(sql, "suppressed")}
      from locked where c.id = locked.id
      returning c.id, c.line, c.status, waits, fresh
    ), gates as (
      insert into verdicts (call_id, gate, verdict, inputs)
      select id, 'suppression', 'stop', '{}'::jsonb from stopped where waits
      returning ${toldColumns(sql)}
    ), calls_audited as (
      insert into entries (subject, subject_id, action, actor, reason, data)
      select 'call', id::text, case when waits then 'canceled' else 'further_tries_stopped' end, ${createdBy},
        'suppressed', case when waits then ${toldField(sql)} else '{}' end
      from stopped ${toldVerdicts(sql, "stopped")} where fresh or waits
    )`;
}

/** Lifts a suppression. @returns whether the number was suppressed. */
async function release(sql: Sql, number: string, actor: string): Promise<boolean> {
  const unnamed = commitment(randomText(), number);
  const rows = await sql`
    with removed as (delete from suppressions where number = ${number} returning mark), audited as (
      insert into entries (subject, subject_id, action, actor)
      select 'suppression', coalesce(mark, ${unnamed}), 'removed', ${actor} from removed
    )
    select true from removed`;
  return rows.length > 0;
}
