/** Compares calls with their entries, read in one snapshot. */
import type postgres from "postgres";
import {
  type Comparison,
  compareStory,
  type StoryColumn,
  type StoryEntry,
  type StoryRow,
  type saidColumns,
  storyActions,
} from "../../domain/audit/call-story.ts";
import { contentOf, factsOf, saidSelect, verdictHash } from "../fragments/call-proof.ts";
import { columns, isoText, isSet, jsonFields, select } from "../postgres/columns.ts";
import type { entries as entriesTable } from "../schema/audit.ts";
import type { calls } from "../schema/calls.ts";

/** A call with the result of its comparison. */
type ComparedCall = { readonly id: string } & Comparison;

type Part = ReturnType<typeof factsOf>;

/** Hashes that the statement computes. */
type Computed = "facts" | "content" | "verdicts" | (typeof saidColumns)[number];

type CallColumns = { readonly [Column in Exclude<StoryColumn, Computed | "duration_s">]: string | null } & {
  readonly id: string;
  readonly duration_s: number | null;
  readonly erased: boolean;
};

const callColumns = columns<typeof calls, CallColumns>({
  id: "id",
  status: "status",
  reason: "reason",
  outcome: "outcome",
  outcome_raw: "outcome_raw",
  duration_s: "duration_s",
  conversation_uuid: "conversation_uuid",
  mihu_id: "mihu_id",
  created_at: isoText("created_at"),
  due_at: isoText("due_at"),
  expires_at: isoText("expires_at"),
  claimed_at: isoText("claimed_at"),
  placed_at: isoText("placed_at"),
  ended_at: isoText("ended_at"),
  again_stopped: "again_stopped",
  erased: isSet("erased_at"),
});

const entryColumns = columns<typeof entriesTable, StoryEntry>({ action: "action", reason: "reason", data: "data" });

/** A condition: the calls after a given one, in the order of ids. */
export const callsAfter = (sql: postgres.ISql, after: string | null, limit: number): Part =>
  sql`select * from calls where id > ${after ?? "00000000-0000-0000-0000-000000000000"} order by id limit ${limit}`;

/**
 * Compares calls with their entries in one statement, so that a call that moves meanwhile never differs.
 *
 * @param which A query for rows of `calls`.
 */
export async function compareCalls(sql: postgres.ISql, which: Part): Promise<ComparedCall[]> {
  type Row = CallColumns & Pick<StoryRow, Computed> & { entries: StoryEntry[] };
  const rows = await sql<Row[]>`
    select ${select(sql, callColumns, "c")}, ${factsOf(sql, "c")} as facts, ${contentOf(sql, "c")} as content,
      ${saidSelect(sql, "c")},
      -- A sweep's verdict that the day is full has no entry.
      (select coalesce(string_agg(h.hash, ',' order by h.hash collate "C"), '')
        from (select ${sql.unsafe(verdictHash("v"))} as hash from verdicts v
          where v.call_id = c.id and v.gate <> 'calls_per_day') h) as verdicts,
      (select coalesce(json_agg(json_build_object(${jsonFields(sql, entryColumns, "e")}) order by e.id), '[]')
        from entries e where e.subject = 'call' and e.subject_id = c.id::text
          and e.action in ${sql([...storyActions])}) as entries
    from (${which}) c order by c.id`;
  return rows.map(({ id, entries, ...row }) => ({ id, ...compareStory(row, entries) }));
}

/** Ids of calls whose creation has an entry and whose row is missing. */
export async function callsGone(sql: postgres.ISql, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select distinct e.subject_id as id from entries e
    where e.subject = 'call' and e.data ? 'content' and not exists (select 1 from calls c where c.id::text = e.subject_id)
    limit ${limit}`;
  return rows.map(({ id }) => id);
}
