/** The rows of one run in Postgres. */
import type { CallStatus } from "../../src/domain/calls/call.ts";
import { apiSource } from "../../src/domain/plan/direct-call.ts";
import type { Sql } from "../../src/store/postgres/connection.ts";
import type { Place } from "./lane.ts";

export type EventBook = { readonly id: string; readonly state: string; readonly reason: string | null };
export type CallBook = {
  readonly id: string;
  readonly eventId: string;
  readonly try: number;
  readonly status: CallStatus;
  readonly reason: string | null;
  readonly outcome: string | null;
  readonly mihuId: string | null;
  readonly conversationUuid: string | null;
  /** Its entries, oldest first. */
  readonly told: readonly { readonly action: string; readonly reason: string | null }[];
};
export type Books = { readonly events: readonly EventBook[]; readonly calls: readonly CallBook[] };

/** The events of a run's source, and of those that were asked for directly the ones whose calls are its line's. */
export async function readBooks(sql: Sql, { source, line }: Place): Promise<Books> {
  const [row] = await sql<[Books]>`
    select
      (select coalesce(json_agg(json_build_object('id', id, 'state', state, 'reason', reason) order by received_at, nth), '[]')
        from events where source = ${source} or (source = ${apiSource} and body::json->>'line' = ${line})) as events,
      (select coalesce(json_agg(json_build_object('id', id, 'eventId', event_id, 'try', try, 'status', status, 'reason', reason,
        'outcome', outcome, 'mihuId', mihu_id, 'conversationUuid', conversation_uuid,
        'told', (select json_agg(json_build_object('action', action, 'reason', e.reason) order by e.id) from entries e
          where subject = 'call' and subject_id = c.id::text)) order by created_at, try), '[]')
        from calls c where line = ${line}) as calls`;
  return row;
}

/** Entries that are in no link of the chain. */
export async function unlinked(owner: Sql): Promise<number> {
  const [row] = await owner<[{ n: number }]>`
    select count(*)::int as n from entries e where not exists (select 1 from links l where l.entry_id = e.id)`;
  return row.n;
}
