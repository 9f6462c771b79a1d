import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import type { taskView } from "../../views/tasks/task.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Quoted } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
import { NoValue, OlderLink, RowsTable } from "../parts/rows.tsx";
import { visible } from "../parts/visible.ts";

/** A task, as `GET /v1/tasks` has it. */
export type TaskRead = ReturnType<typeof taskView>;

const kindWords: Readonly<Record<string, string>> = {
  redeliver: "Redeliver to a hook",
  cancel: "Cancel calls",
  release: "Release calls",
  resolve: "Resolve calls",
  replay: "Replay events",
};

const tones: Readonly<Record<TaskRead["state"], string>> = {
  running: "busy",
  done: "good",
  canceled: "still",
  stopped: "warn",
  failed: "warn",
};

export function taskName({ kind }: TaskRead): string {
  return kindWords[kind] ?? kind;
}

export function TaskState({ state }: { state: TaskRead["state"] }) {
  return <span class={`status ${tones[state]}`}>{state}</span>;
}

/** Rows that a task is through with, decided or refused. */
export function handledOf({ done, refused }: TaskRead): number {
  return done + refused.reduce((sum, { count }) => sum + count, 0);
}

type Props = { reader: Reader; tasks: readonly TaskRead[]; next: string | null };

/** Tasks, newest first, with their progress. */
export function TasksPage({ reader, tasks, next }: Props) {
  return (
    <Layout title="Tasks" reader={reader}>
      <Trail path="/health" name="Health" />
      <h1>Tasks</h1>
      <p class="lead">Work on many calls, events or deliveries. It goes on after its page is closed.</p>
      {tasks.length === 0 ? (
        <p class="empty">There is no task yet. A decision about all calls of a list begins one.</p>
      ) : (
        <Live id="tasks" path="/tasks" label="Tasks">
          <RowsTable
            label="Tasks"
            columns={["Task", "State", "Progress", "Reason", "By", "Begun"]}
            rows={tasks.map((task) => ({
              href: `/tasks/${task.id}`,
              cells: [
                taskName(task),
                <TaskState state={task.state} />,
                `${groupedNumber(handledOf(task))} of ${groupedNumber(task.matched)}`,
                task.reason === null ? <NoValue /> : <Quoted text={task.reason} />,
                visible(task.by),
                <Moment at={task.created_at} />,
              ],
            }))}
          />
        </Live>
      )}
      <OlderLink path="/tasks" next={next} />
    </Layout>
  );
}
