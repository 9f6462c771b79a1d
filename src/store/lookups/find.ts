/** Finds anything by any id, in one statement. Each kind is a bounded walk along one index. */
import type { FindKind, Sought } from "../../domain/find.ts";
import { foundCountMax, foundOrdersMax } from "../../domain/limits.ts";
import type { FindLookups, FoundRow } from "../../ports/lookups/find.ts";
import type { Sql } from "../postgres/connection.ts";
import { unionAll } from "../postgres/one-statement.ts";

type Part = ReturnType<Sql>;

/** Rows of one id that are read. One more than is counted shows that there are more. */
const rowsMax = foundCountMax + 1;
/** Rows of one record id of any type that are read. They are grouped by type. */
const recordRowsMax = 5 * rowsMax;
/** Sources whose events are looked up by the sender's id. */
const sourcesMax = 1_000;
/** The last character of Unicode. In the order of bytes, no text with a beginning follows the beginning and this. */
const lastCharacter = "\u{10ffff}";

/** @param sql the request's client */
export function findLookups(sql: Sql): FindLookups {
  return {
    async find(sought, kinds) {
      const parts = partsOf(sql, sought, kinds);
      return parts.length === 0 ? [] : await sql<FoundRow[]>`${unionAll(sql, parts)}`;
    },
  };
}

function partsOf(sql: Sql, sought: Sought, kinds: ReadonlySet<FindKind>): Part[] {
  const { text, uuid, order, records, number } = sought;
  const parts: Part[] = [];
  if (kinds.has("call") && uuid !== null) parts.push(callPart(sql, uuid));
  if (kinds.has("event") && uuid !== null) parts.push(eventPart(sql, uuid));
  if (kinds.has("conversation")) parts.push(callsPart(sql, "conversation", sql`c.conversation_uuid`, uuid ?? text));
  if (kinds.has("mihu_id")) parts.push(callsPart(sql, "mihu_id", sql`c.mihu_id`, uuid ?? text));
  if (kinds.has("order") && order !== null) parts.push(ordersPart(sql, order));
  if (kinds.has("record")) parts.push(...records.map((record) => recordPart(sql, record)));
  if (kinds.has("sender_event")) parts.push(senderPart(sql, text));
  if (kinds.has("number") && number !== null) parts.push(numberPart(sql, number));
  return parts;
}

/** The columns of a {@link FoundRow}. */
function found(sql: Sql, kind: FindKind, from: Part, columns: Partial<Record<keyof FoundRow, Part>>): Part {
  const { label = sql`null`, calls = sql`0`, events = sql`0`, newestAt = sql`null`, newest = sql`null` } = columns;
  const { recordType = sql`null`, recordId = sql`null` } = columns;
  return sql`(select ${kind}::text as kind, ${label}::text as label, ${calls}::int as calls, ${events}::int as events,
    (extract(epoch from ${newestAt}) * 1000)::float8 as "newestAt", ${newest}::text as newest,
    ${recordType}::text as "recordType", ${recordId}::text as "recordId" ${from})`;
}

function callPart(sql: Sql, id: string): Part {
  return found(sql, "call", sql`from calls c where c.id = ${id}::text::uuid`, {
    label: sql`c.source || '/' || c.rule || ', ' || c.status`,
    calls: sql`1`,
    newestAt: sql`c.created_at`,
    newest: sql`c.id`,
  });
}

function eventPart(sql: Sql, id: string): Part {
  return found(sql, "event", sql`from events e where e.id = ${id}::text::uuid`, {
    label: sql`e.type || ', ' || e.source`,
    events: sql`1`,
    newestAt: sql`e.received_at`,
    newest: sql`e.id`,
  });
}

/** The calls with an id of Mihu. */
function callsPart(sql: Sql, kind: FindKind, column: Part, id: string): Part {
  const from: Part = sql`from (select c.id, c.created_at from calls c where ${column} = ${id}::text limit ${rowsMax}) c
    having count(*) > 0`;
  return found(sql, kind, from, {
    label: sql`${id}::text`,
    calls: sql`count(*)`,
    newestAt: sql`max(c.created_at)`,
    newest: sql`(array_agg(c.id order by c.created_at desc))[1]`,
  });
}

/** Each order number with the beginning, in the order of bytes. The walk skips from one number to the next. */
function ordersPart(sql: Sql, beginning: string): Part {
  const end = `${beginning}${lastCharacter}`;
  const next = (from: Part) => sql`select e.order_number_key as key from events e
    where e.order_number_key ${from} and e.order_number_key ~<~ ${end}::text order by e.order_number_key using ~<~ limit 1`;
  const from: Part = sql`from (
      with recursive keys as (
        (select first.key, 1 as nth from (${next(sql`~>=~ ${beginning}::text`)}) first)
        union all
        select following.key, keys.nth + 1 from keys cross join lateral (${next(sql`~>~ keys.key`)}) following
        where keys.nth < ${foundOrdersMax}
      )
      select key from keys) k
    cross join lateral (${newestCalls(sql, sql`c.order_number_key = k.key`)}) c
    cross join lateral (
      select count(*) as rows, max(e.received_at) as at, (array_agg(e.id order by e.received_at desc))[1] as id,
        (array_agg(e.order_number order by e.received_at desc))[1] as label
      from (select e.id, e.received_at, e.order_number from events e where e.order_number_key = k.key
        order by e.received_at desc nulls last limit ${rowsMax}) e) e`;
  return found(sql, "order", from, { ...both(sql), label: sql`e.label` });
}

/** The records with an id, each type by itself. */
function recordPart(sql: Sql, { type, id }: Sought["records"][number]): Part {
  const ofType = type === null ? sql`` : sql`and lower(e.record_type) = lower(${type}::text)`;
  const from: Part = sql`from (
      select e.record_type, count(*) as rows, max(e.received_at) as at, (array_agg(e.id order by e.received_at desc))[1] as id
      from (select e.id, e.record_type, e.received_at from events e where e.record_id = ${id}::text ${ofType}
        order by e.received_at desc nulls last limit ${recordRowsMax}) e
      group by e.record_type) e
    cross join lateral (${newestCalls(sql, sql`c.record_type = e.record_type and c.record_id = ${id}::text`)}) c`;
  return found(sql, "record", from, {
    ...both(sql),
    label: sql`e.record_type || ' ' || ${id}::text`,
    recordType: sql`e.record_type`,
    recordId: sql`${id}::text`,
  });
}

/** The events of each source that have the sender's id. A key is the id, or a list that begins with it. */
function senderPart(sql: Sql, id: string): Part {
  const list = `${JSON.stringify([id]).slice(0, -1)},`;
  const read = (condition: Part) => sql`(select e.id, e.received_at from events e
    where e.source = s.slug and ${condition} and e.external_id = ${id}::text limit ${rowsMax})`;
  const from: Part = sql`from (select slug from sources order by slug limit ${sourcesMax}) s
    cross join lateral (
      select count(*) as rows, max(e.received_at) as at, (array_agg(e.id order by e.received_at desc))[1] as id
      from (${read(sql`e.dedupe_key = ${id}::text`)} union all
        ${read(sql`e.dedupe_key ~>=~ ${list}::text and e.dedupe_key ~<~ ${list + lastCharacter}::text`)}) e) e
    where e.rows > 0`;
  return found(sql, "sender_event", from, {
    label: sql`${id}::text || ', ' || s.slug`,
    events: sql`e.rows`,
    newestAt: sql`e.at`,
    newest: sql`e.id`,
  });
}

function numberPart(sql: Sql, number: string): Part {
  const from: Part = sql`from (${newestCalls(sql, sql`c.number = ${number}::text`)}) c where c.rows > 0`;
  return found(sql, "number", from, {
    label: sql`${number}::text`,
    calls: sql`c.rows`,
    newestAt: sql`c.at`,
    newest: sql`c.id`,
  });
}

/** Number of calls up to the bound, with the id and the time of the newest. The condition is one of an index by time. */
function newestCalls(sql: Sql, condition: Part): Part {
  return sql`select count(*) as rows, max(c.created_at) as at, (array_agg(c.id order by c.created_at desc, c.id desc))[1] as id
    from (select c.id, c.created_at from calls c where ${condition}
      order by c.created_at desc nulls last, c.id desc nulls last limit ${rowsMax}) c`;
}

/** Columns for the calls `c` and the events `e` of one thing. */
function both(sql: Sql): Partial<Record<keyof FoundRow, Part>> {
  return {
    calls: sql`c.rows`,
    events: sql`e.rows`,
    newestAt: sql`greatest(c.at, e.at)`,
    newest: sql`coalesce(c.id, e.id)`,
  };
}
