/** Everything that must hold of the tasks of one run, whatever was stopped. */
import type { BulkKind } from "../../src/domain/tasks/task.ts";
import type { TaskRow } from "../../src/ports/tasks/tasks.ts";
import { faultsOf } from "./faults.ts";
import type { Run } from "./run.ts";

type Entry = { readonly id: number; readonly subject: string; readonly of: string; readonly action: string };

type TaskBook = Pick<TaskRow, "state" | "total" | "searching" | "more" | "done" | "refused"> & {
  readonly kind: BulkKind;
  /** Rows that are left. */
  readonly items: number;
  /** Its own entries, oldest first. */
  readonly told: readonly (Pick<Entry, "id" | "action"> & { readonly data: Readonly<Record<string, unknown>> })[];
  /** Entries of calls and events that name the task, oldest first. */
  readonly decisions: readonly Entry[];
  /** Decisions that are later than the revocation of the task's token. */
  readonly late: number;
};

/** Whether a task of a run has work, or waits for a line. */
export async function tasksGoOn({ lane, place }: Run): Promise<boolean> {
  const left = await lane.app`
    select from tasks where actor = ${place.source} and (state = 'stepping' or unconfirmed is not null)`;
  return left.length > 0;
}

export async function readTasks({ lane, place }: Run): Promise<TaskBook[]> {
  return await lane.app<TaskBook[]>`
    with decisions as (
      select e.*, e.data->>'task' as task from entries e where e.data ? 'task' and (
        e.subject = 'call' and e.subject_id in (select id::text from calls where line = ${place.line})
        or e.subject = 'event' and e.subject_id in (select id::text from events where source = ${place.source}))
    )
    select kind, state, total, search is not null as searching, more, done, refused,
      (select count(*)::int from task_items where task = t.id) as items,
      (select json_agg(json_build_object('id', e.id, 'action', action, 'data', data) order by e.id) from entries e
        where subject = 'task' and subject_id = t.id::text) as told,
      (select coalesce(json_agg(json_build_object('id', d.id, 'subject', subject, 'of', subject_id, 'action', action)
        order by d.id), '[]') from decisions d where task = t.id::text) as decisions,
      (select count(*)::int from decisions d, tokens k where task = t.id::text and k.jti = t.token and d.at > k.revoked_at) as late
    from tasks t where actor = ${place.source} order by created_at`;
}

/** What does not hold of a run, and of its tasks. */
export async function faultsWithTasks(run: Run): Promise<string[]> {
  const [faults, tasks, { calls }] = await Promise.all([faultsOf(run), readTasks(run), run.books()]);
  const numbers = run.rings().map(({ number }) => number);
  return [
    ...faults,
    ...(new Set(numbers).size < numbers.length ? ["a number was rung twice"] : []),
    ...(tasks.length === (run.sent() === 0 ? 0 : 1) ? [] : [`there are ${tasks.length} tasks`]),
    ...tasks.flatMap((task) => [
      ...faultsOfEnd(task, run.sent()),
      ...faultsOfDecisions(task, new Map(calls.map(({ id, status }) => [id, status]))),
    ]),
  ];
}

/** Entries of a task's end. */
const lastEntries: Partial<Record<TaskBook["state"], string>> = {
  done: "ended",
  canceled: "canceled",
  stopped: "stopped",
};

function faultsOfEnd(task: TaskBook, found: number): string[] {
  const { state, total, done, told } = task;
  const counted = done + refusedOf(task);
  const faults: string[] = [];
  const [begun, ended, ...more] = told;
  if (begun?.action !== "begun" || ended?.action !== lastEntries[state] || more.length > 0)
    faults.push(`a task is ${state} and its entries say ${told.map(({ action }) => action)}`);
  if (state === "done" && (total !== found || counted !== total))
    faults.push(`a task is done with ${counted} of ${total} rows, and ${found} are there`);
  if (counted > total) faults.push(`a task counts ${counted} of ${total} rows`);
  if (task.items > 0 || task.searching || task.more) faults.push(`a task that is ${state} has rows left`);
  const said = ended?.data ?? {};
  if (state === "done" && JSON.stringify([said.done, said.refused]) !== JSON.stringify([done, task.refused]))
    faults.push(`the entry of a task's end says ${JSON.stringify(said)}`);
  return faults;
}

/** The action of a row's decision; any, where it is not here. */
const decidedBy: Partial<Record<TaskBook["kind"], string>> = {
  release: "released",
  resolve: "canceled",
  replay: "replayed",
};

function faultsOfDecisions(task: TaskBook, statuses: ReadonlyMap<string, string>): string[] {
  const { kind, state, done, refused, told, decisions } = task;
  const faults: string[] = [];
  const subjects = decisions.map(({ subject, of }) => `${subject} ${of}`);
  if (new Set(subjects).size < subjects.length) faults.push("a task decided a row twice");
  const { in_flight: inFlight = 0, unconfirmed = 0 } = refused;
  const decided = decisions.filter(({ action }) => action === (decidedBy[kind] ?? action));
  if (decided.length !== done + inFlight + unconfirmed)
    faults.push(`a task decided ${decided.length} rows and counts ${done}, and ${JSON.stringify(refused)}`);
  const made = decisions.filter(({ action }) => action === "queued").length;
  if (["resolve", "replay"].includes(kind) && made !== done)
    faults.push(`a task made ${made} calls and counts ${done}`);
  const canceled = decided.filter(({ of }) => statuses.get(of) === "canceled").length;
  if (kind === "cancel" && canceled !== done)
    faults.push(`a task canceled ${canceled} calls and counts ${done}, and ${JSON.stringify(refused)}`);
  if (task.late > 0) faults.push(`a task decided ${task.late} rows without a token`);
  const end = told.at(-1)?.id ?? 0;
  if (decisions.some(({ id }) => id > end)) faults.push(`a task that is ${state} went on to decide`);
  return faults;
}

function refusedOf({ refused }: TaskBook): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}
