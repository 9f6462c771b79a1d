/** Lists of calls: the walk along an index that each filter needs. */
import { pauseReasons } from "../../domain/pause-reasons.ts";
import type { CallFilter, CallRow } from "../../ports/lookups/calls.ts";
import type { Cursor, Searched } from "../../ports/page.ts";
import { matches } from "../fragments/call-filter.ts";
import type { Sql } from "../postgres/connection.ts";
import { type Walk, type WalkedList, walkPage } from "./walks.ts";

type Part = ReturnType<Sql>;
/** Every filter but that of time, which narrows each walk. */
type Untimed = Omit<CallFilter, "from" | "to">;

/** Rows of one walk that are checked for one page: some 10 ms. */
const walkedMax = 10_000;
/** Types of the records of one id that are told apart, and the events that are read for them. */
const recordTypesMax = 10;
const recordEventsMax = 200;

/** Statuses that few calls have at any time. */
const passingStatuses: ReadonlySet<string> = new Set(["held", "queued", "dialing", "unknown", "review", "placed"]);

/** Filters that one index by time serves, those with the fewest calls first. `status`, `reason` and records come apart. */
const narrow = ["orderNumberKey", "conversation", "number"] as const;
const wide = ["rule", "line", "source", "outcome"] as const;

/** Calls that match every given part of the filter, newest first. @param columns The select list of the call `c`. */
export async function callList<Row extends { id: string } = CallRow>(
  sql: Sql,
  columns: Part,
  filter: CallFilter,
  limit: number,
  after: Cursor | null,
): Promise<Searched<Row>> {
  const list: WalkedList = {
    from: sql`calls c`,
    row: sql`c`,
    at: sql`c.created_at`,
    id: sql`c.id`,
    columns,
    walkedMax,
  };
  return await walkPage<Row>(sql, list, await walksOf(sql, filter), limit, after);
}

async function walksOf(sql: Sql, filter: CallFilter): Promise<Walk[]> {
  const { from, to, ...untimed } = filter;
  const rest: Untimed = untimed;
  /** A walk along the index of some fields. */
  const along = (fields: readonly (keyof Untimed)[], given: Untimed = rest): Walk => {
    const index = Object.fromEntries(fields.map((field) => [field, given[field]]));
    const others = Object.fromEntries(Object.entries(given).filter(([field]) => !fields.some((one) => one === field)));
    const isLeft = Object.values(others).some((value) => value !== undefined);
    return { along: matches(sql, { ...index, from, to }), fitting: isLeft ? matches(sql, others) : null };
  };
  const has = (field: keyof Untimed) => rest[field] !== undefined;
  const few = narrow.find(has);
  if (few !== undefined) return [along([few])];
  if (rest.recordId !== undefined)
    return (await recordTypes(sql, rest.recordId, rest.recordType)).map((recordType) =>
      along(["recordType", "recordId"], { ...rest, recordType }),
    );
  const statuses = rest.statuses ?? [];
  const byStatus = () => statuses.map((status) => along(["statuses"], { ...rest, statuses: [status] }));
  if (statuses.length > 0 && statuses.every((status) => passingStatuses.has(status))) return byStatus();
  if (rest.reason !== undefined) return byReason(sql, rest.reason, along, rest);
  const most = wide.find(has);
  if (most !== undefined) return [along([most])];
  return statuses.length > 0 ? byStatus() : [along([])];
}

/** A reason of a call, and one that queued calls show because their line is paused: each is a walk. */
function byReason(
  sql: Sql,
  reason: string,
  along: (fields: [], given: Untimed) => Walk,
  { reason: _, ...others }: Untimed,
): Walk[] {
  const own = along([], others);
  const stored: Walk = { along: sql`c.reason = ${reason} and ${own.along}`, fitting: own.fitting };
  if (!Object.hasOwn(pauseReasons, reason)) return [stored];
  if (others.statuses?.includes("queued") === false) return [stored];
  const { statuses: _all, ...queued } = others;
  const waits = along([], queued);
  const shows: Part = sql`c.reason is null
    and exists (select 1 from lines p where p.slug = c.line and p.pause_reason = ${reason})`;
  return [
    stored,
    {
      along: sql`c.status = 'queued' and ${waits.along}`,
      fitting: waits.fitting === null ? shows : sql`${shows} and ${waits.fitting}`,
    },
  ];
}

/** The types of the records with an id. */
async function recordTypes(sql: Sql, id: string, type: string | undefined): Promise<string[]> {
  if (type !== undefined) return [type];
  const rows = await sql<{ type: string }[]>`
    select distinct e.record_type as type from (
      select e.record_type from events e where e.record_id = ${id} order by e.received_at desc nulls last
      limit ${recordEventsMax}) e
    limit ${recordTypesMax}`;
  return rows.map(({ type }) => type);
}
