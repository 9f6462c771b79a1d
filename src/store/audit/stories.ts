/** Calls beside their entries, read in one snapshot, and the part of them that is not what the entries say. */
import type postgres from "postgres";
import {
  type Comparison,
  compareStory,
  type StoryEntry,
  type StoryRow,
  storyActions,
} from "../../domain/audit/call-story.ts";
import { contentOf, factsOf } from "../fragments/call-proof.ts";

/** A call that was compared with its entries. */
export type ComparedCall = { readonly id: string } & Comparison;

type Part = ReturnType<typeof factsOf>;

/** The condition that gives the calls after one, in the order of ids. */
export const callsAfter = (sql: postgres.ISql, after: string | null, limit: number): Part =>
  sql`select * from calls where id > ${after ?? "00000000-0000-0000-0000-000000000000"} order by id limit ${limit}`;

/**
 * Compares calls with their entries: by one statement, so that a call that moves at this moment never disagrees.
 *
 * @param which a query for rows of `calls`
 */
export async function compareCalls(sql: postgres.ISql, which: Part): Promise<ComparedCall[]> {
  type Row = Omit<StoryRow, "erased"> & { id: string; erased: boolean; entries: StoryEntry[] };
  const rows = await sql<Row[]>`
    select c.id, c.status, c.reason, c.outcome, c.outcome_raw, c.duration_s, c.conversation_uuid, c.mihu_id,
      to_json(c.created_at)#>>'{}' as created_at, to_json(c.due_at)#>>'{}' as due_at,
      to_json(c.expires_at)#>>'{}' as expires_at, to_json(c.claimed_at)#>>'{}' as claimed_at,
      to_json(c.placed_at)#>>'{}' as placed_at, to_json(c.ended_at)#>>'{}' as ended_at,
      ${factsOf(sql, "c")} as facts, ${contentOf(sql, "c")} as content, c.erased_at is not null as erased,
      (select coalesce(json_agg(json_build_object('action', e.action, 'reason', e.reason, 'data', e.data) order by e.id), '[]')
        from entries e where e.subject = 'call' and e.subject_id = c.id::text
          and e.action in ${sql([...storyActions])}) as entries
    from (${which}) c order by c.id`;
  return rows.map(({ id, entries, ...row }) => ({ id, ...compareStory(row, entries) }));
}

/** Ids of calls that entries tell of the making of, and that are gone. */
export async function callsGone(sql: postgres.ISql, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select distinct e.subject_id as id from entries e
    where e.subject = 'call' and e.data ? 'content' and not exists (select 1 from calls c where c.id::text = e.subject_id)
    limit ${limit}`;
  return rows.map(({ id }) => id);
}
