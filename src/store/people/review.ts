/**
 * Calls that wait for a person: a walk along the index of each status, oldest first.
 *
 * An owner has a call for one wait. A row from before the call's present wait has no effect, so no statement that moves
 * a call has to remove it.
 */
import type { Cursor, Results } from "../../ports/page.ts";
import type { ReviewFilter, ReviewRow, ReviewStore } from "../../ports/people/review.ts";
import { waitingSince } from "../fragments/waits.ts";
import { wholeCall } from "../lookups/call-lookups.ts";
import type { Sql } from "../postgres/connection.ts";
import { exactMoment, page } from "../postgres/pages.ts";

const waitingForPerson = ["held", "review", "unknown"] as const;

/** @param sql the request's client */
export function reviewStore(sql: Sql): ReviewStore {
  return {
    count: (max) => countWaiting(sql, max),
    waiting: (filter, limit, after) => waiting(sql, filter, limit, after),
    assign: (call, owner, from, actor) => assign(sql, call, owner, from, actor),
  };
}

/** A walk along the index of each status that ends at the bound. A call in `unknown` is looked up by itself. */
async function countWaiting(sql: Sql, max: number): Promise<number> {
  const of = (status: "held" | "review") => sql`(select 1 from calls c where c.status = ${sql.unsafe(`'${status}'`)}
    order by c.created_at desc, c.id desc limit ${max})`;
  const [row] = await sql<[{ count: number }]>`
    select least(count(*), ${max})::int as count from (${of("held")} union all ${of("review")}) waiting`;
  return row.count;
}

/** A condition: whether the row `o` is of the owner whom the waiting call `c` has now. */
const ownsNow = (sql: Sql) => sql`o.call = c.id and o.at >= ${sql.unsafe(waitingSince)}`;

/** Times that an assignment is asked again after it waited for another's. */
const assignRetriesMax = 3;

async function waiting(
  sql: Sql,
  filter: ReviewFilter,
  limit: number,
  after: Cursor | null,
): Promise<Results<ReviewRow>> {
  const statuses = filter.status === undefined ? waitingForPerson : [filter.status];
  const same = (column: string, value: string | undefined) =>
    value === undefined ? sql`` : sql`and ${sql.unsafe(column)} = ${value}`;
  const owned =
    filter.owner === undefined
      ? sql``
      : filter.owner === "none"
        ? sql`and o.actor is null`
        : sql`and o.actor = ${filter.owner}`;
  const rows = await sql<(ReviewRow & { exactly: string })[]>`
    select ${wholeCall(sql)}, o.actor as owner, (extract(epoch from o.at) * 1000)::float8 as "ownedAt",
      (extract(epoch from ${sql.unsafe(waitingSince)}) * 1000)::float8 as "waitingSince", ${exactMoment(sql, "c.created_at")}
    from calls c left join owners o on ${ownsNow(sql)}
    where c.status in ${sql([...statuses])} ${same("c.reason", filter.reason)} ${same("c.source", filter.source)}
      ${same("c.line", filter.line)} ${owned}
      ${after === null ? sql`` : sql`and (c.created_at, c.id) > (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
    order by c.created_at, c.id limit ${limit + 1}`;
  return page(rows, limit);
}

/**
 * Steps:
 * - `locked`: locks the call, if it waits for a person, and reads its owner. `since`: the begin of this wait.
 * - `assigned`: writes the new owner, if the owner is still the given one.
 * - `removed`: the same for no owner.
 * - `audited`: inserts the entry.
 */
async function assign(
  sql: Sql,
  call: string,
  owner: string | null,
  from: string | null,
  actor: string,
  retries = assignRetriesMax,
): ReturnType<ReviewStore["assign"]> {
  type Row = { waits: boolean; owner: string | null; changed: boolean };
  const moves = sql`${owner}::text is distinct from locked.owner and locked.owner is not distinct from ${from}::text`;
  const [row] = await sql<[Row]>`
    with locked as materialized (
      select c.id, (select o.actor from owners o where ${ownsNow(sql)}) as owner, ${sql.unsafe(waitingSince)} as since
      from calls c where c.id = ${call} and c.status in ${sql([...waitingForPerson])} for no key update of c
    ), assigned as (
      -- The time is that of the lock. The transaction may have begun before the call began to wait.
      insert into owners (call, actor, at) select id, ${owner}::text, clock_timestamp() from locked
      where ${moves} and ${owner}::text is not null
      on conflict (call) do update set actor = excluded.actor, at = excluded.at
        where owners.actor is not distinct from ${from}::text or owners.at < (select since from locked)
      returning call
    ), removed as (
      delete from owners o using locked
      where o.call = locked.id and ${moves} and ${owner}::text is null and o.actor = ${from}::text returning o.call
    ), audited as (
      insert into entries (subject, subject_id, action, actor, data)
      select 'call', call::text, case when ${owner}::text is null then 'unassigned' else 'assigned' end, ${actor}::text,
        jsonb_build_object('owner', ${owner}::text)
      from (select call from assigned union all select call from removed) changed
    )
    select exists (select from locked) as waits, (select owner from locked) as owner,
      exists (select from assigned) or exists (select from removed) as changed`;
  if (!row.waits) return "not_waiting";
  if (row.changed) return "assigned";
  // The statement waited for another's lock, and read the owner as it was before. The next one sees the new owner.
  if (row.owner === from && owner !== from && retries > 0)
    return await assign(sql, call, owner, from, actor, retries - 1);
  return row.owner === owner ? "same" : { owner: row.owner };
}
