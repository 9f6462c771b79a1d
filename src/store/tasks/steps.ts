/**
 * Steps of tasks. A step is one transaction: it locks its task, checks the token, decides some rows by the statements of
 * single decisions, deletes these rows and counts them. A killed step leaves nothing, and a committed one is whole.
 */
import type { ClaimedOn } from "../../ports/calling/stops.ts";
import type { SteppingTask, StepResult, StepStores, TaskSteps } from "../../ports/tasks/steps.ts";
import { decisionWrites } from "../calls/decisions.ts";
import { replayWrites } from "../events/replays.ts";
import { columns, isSet, select } from "../postgres/columns.ts";
import {
  asClient,
  asJson,
  isNotNow,
  isRefusal,
  type Sql,
  type Transaction,
  uuidArray,
} from "../postgres/connection.ts";
import { retryDeadlocks } from "../postgres/retries.ts";
import type { tasks } from "../schema/hooks.ts";
import { endEarly, endIfOver } from "./ends.ts";
import { searchOnce, type TaskSearch } from "./search.ts";

/** @param sql gives the client; an object's may change between statements, after a drop */
export function taskSteps(sql: () => Sql): TaskSteps {
  return {
    next: (except) => next(sql(), except),
    async search(id) {
      await inTask(sql(), id, async (tx, { search }) => {
        if (search !== null) await searchOnce(tx, id, search);
      });
    },
    async items(id, limit) {
      const rows = await sql()<{ item: string }[]>`
        select item from task_items where task = ${id} order by at, item limit ${limit}`;
      return rows.map(({ item }) => item);
    },
    step: (id, rows, work) => step(sql(), id, rows, work),
    confirm: (task, result) => confirm(sql(), task, result),
    fail: (id) => endEarly(sql(), id, "failed", "task_step_failed"),
    refuses: isRefusal,
    isNotNow,
  };
}

const steppingColumns = columns<typeof tasks, Omit<SteppingTask, "unconfirmed" | "kind"> & { kind: string }>({
  id: "id",
  kind: "kind",
  about: "about",
  actor: "actor",
  reason: "reason",
  searching: isSet("search"),
});

async function next(sql: Sql, except: readonly string[]): Promise<SteppingTask | null> {
  const [row] = await sql<SteppingTask[]>`
    select ${select(sql, steppingColumns, "t")}, coalesce(t.unconfirmed, '[]') as unconfirmed from tasks t
    where (t.state = 'stepping' or t.unconfirmed is not null) and t.id <> all(${uuidArray(sql, except)})
    order by t.updated_at limit 1`;
  return row ?? null;
}

type Locked = { readonly search: TaskSearch | null; readonly refused: Readonly<Record<string, number>> };

/** Undoes a step whose work writes nothing. */
class Undone extends Error {}

/**
 * Runs a part of a running task in a transaction, and ends the task if it was the last one.
 *
 * @returns `"over"`: the task is over. A task without its token is ended here. The token stays locked, so that no call is
 *   decided once its revocation is answered.
 */
async function inTask(
  sql: Sql,
  id: string,
  work: (tx: Sql, task: Locked, raw: Transaction) => Promise<void>,
): Promise<"over" | "going"> {
  return await retryDeadlocks(() =>
    sql.begin(async (raw): Promise<"over" | "going"> => {
      const tx = asClient(raw);
      const [task] = await tx<(Locked & { token: string; needs: string[] })[]>`
        select search, refused, token, to_json(needs) as needs from tasks where id = ${id} and state = 'stepping' for update`;
      if (task === undefined) return "over";
      const tokens = await tx`
        select 1 from tokens where jti = ${task.token} and revoked_at is null and expires_at > now()
          and scopes @> array(select json_array_elements_text(${asJson(task.needs)}::text::json)) for share`;
      if (tokens.length === 0) {
        await endEarly(tx, id, "stopped", "task_token_ended");
        return "over";
      }
      await work(tx, task, raw);
      await endIfOver(tx, id);
      return "going";
    }),
  );
}

async function step<Result extends StepResult>(
  sql: Sql,
  id: string,
  rows: readonly string[],
  work: (stores: StepStores, rows: readonly string[]) => Promise<Result | null>,
): Promise<Result | null | "over"> {
  const committed: { result: Result | null } = { result: null };
  try {
    const end = await inTask(sql, id, async (tx, { refused }, raw) => {
      const left = await tx<{ item: string }[]>`
        select item from task_items where task = ${id} and item = any(${uuidArray(tx, rows)}) order by at, item`;
      const stores = { decisions: decisionWrites(tx), replays: replayWrites(raw) };
      const result = await work(
        stores,
        left.map(({ item }) => item),
      );
      if (result === null) throw new Undone();
      await tx`
        with items_deleted as (
          delete from task_items where task = ${id} and item = any(${uuidArray(tx, result.over)})
        )
        update tasks set done = done + ${result.done}, refused = ${asJson(sum(refused, result.refused))}::text::jsonb,
          unconfirmed = ${claimedAfter(tx, result.claimed)}, updated_at = clock_timestamp()
        where id = ${id}`;
      committed.result = result;
    });
    return end === "over" ? "over" : committed.result;
  } catch (error) {
    if (error instanceof Undone) return null;
    throw error;
  }
}

function claimedAfter(sql: Sql, claimed: readonly ClaimedOn[]) {
  return claimed.length === 0
    ? sql`unconfirmed`
    : sql`coalesce(unconfirmed, '[]') || ${asJson(claimed.map(({ id, line }) => ({ id, line })))}::text::jsonb`;
}

/** The calls were decided, so their count does not need the token, and a task that is over gets it too. */
async function confirm(
  sql: Sql,
  { id, unconfirmed }: SteppingTask,
  { done, refused }: Pick<StepResult, "done" | "refused">,
): Promise<void> {
  await sql.begin(async (raw) => {
    const tx = asClient(raw);
    const [task] = await tx<Pick<Locked, "refused">[]>`
      select refused from tasks where id = ${id} and unconfirmed = ${asJson(unconfirmed)}::text::jsonb for update`;
    if (task === undefined) return;
    await tx`
      update tasks set done = done + ${done}, refused = ${asJson(sum(task.refused, refused))}::text::jsonb,
        unconfirmed = null, updated_at = clock_timestamp()
      where id = ${id}`;
    await endIfOver(tx, id);
  });
}

function sum(
  before: Readonly<Record<string, number>>,
  added: Readonly<Record<string, number>>,
): Record<string, number> {
  const counts: Record<string, number> = { ...before };
  for (const [reason, count] of Object.entries(added)) counts[reason] = (counts[reason] ?? 0) + count;
  return counts;
}
