import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Quoted, Sentence } from "../parts/bits.tsx";
import { type Fact, FactList } from "../parts/fact-list.tsx";
import { Moment } from "../parts/moment.tsx";
import { visible } from "../parts/visible.ts";
import { plain } from "../parts/words.ts";
import { handledOf, type TaskRead, TaskState, taskName } from "./tasks-page.tsx";

type Props = { reader: Reader; task: TaskRead };

/** One task: its progress, what it left alone and why, and its end. */
export function TaskPage({ reader, task }: Props) {
  const name = taskName(task);
  return (
    <Layout title={name} reader={reader}>
      <Trail path="/tasks" name="Tasks" />
      <Live id="task" path={`/tasks/${task.id}`} label={name}>
        <div class="headline">
          <h1>{name}</h1>
          <TaskState state={task.state} />
        </div>
        <p class="task-progress">
          <progress max={Math.max(1, task.matched)} value={handledOf(task)} aria-label="Progress" />
          {groupedNumber(handledOf(task))} of {groupedNumber(task.matched)}
        </p>
        <Says task={task} />
        <div class="facts">
          <FactList facts={factsOf(task)} />
        </div>
        {task.state === "running" && mayCancel(task, reader) ? (
          <p class="acts">
            <a class="button quiet" href={`/tasks/${task.id}/cancel`}>
              Cancel the task
            </a>
          </p>
        ) : null}
      </Live>
    </Layout>
  );
}

function Says({ task: { state, searching, more, detail_text } }: { task: TaskRead }) {
  return (
    <>
      {state === "running" ? (
        <p class="note">
          {searching ? "It still finds rows, so the number grows. " : ""}It goes on when you close this page.
        </p>
      ) : null}
      {state === "canceled" ? <p class="note">Its work until then stays done.</p> : null}
      {detail_text === null ? null : (
        <p class="note">
          <Sentence text={detail_text} />
        </p>
      )}
      {more ? <p class="note">More matched than one task takes. Begin another one for the rest.</p> : null}
    </>
  );
}

function factsOf({ about, done, refused, reason, by, created_at, ended_at }: TaskRead): Fact[] {
  return [
    ["About", <Wanted about={about} />],
    ["Done", groupedNumber(done)],
    ...refused.map(
      ({ count, reason_text }): Fact => [`Left: ${groupedNumber(count)}`, <Sentence text={reason_text} />],
    ),
    ["Reason", reason === null ? null : <Quoted text={reason} />],
    [
      "Begun",
      <>
        <Moment at={created_at} /> by {visible(by)}
      </>,
    ],
    ["Ended", ended_at === null ? null : <Moment at={ended_at} />],
  ];
}

/** The request: how many were chosen, or by which filter. */
function Wanted({ about }: { about: TaskRead["about"] }) {
  const { ids, hook, filter } = about;
  if (typeof ids === "number") return <>{groupedNumber(ids)} that were chosen</>;
  if (typeof hook === "string") return <a href={`/hooks/${hook}`}>Its hook</a>;
  const fields = Object.entries(typeof filter === "object" && filter !== null ? filter : {});
  if (fields.length === 0) return <>All</>;
  return <>{visible(fields.map(([name, value]) => `${plain(name)} ${String(value)}`).join(", "))}</>;
}

/** Whether the API would let the reader cancel the task. */
function mayCancel({ actor, kind }: TaskRead, { jti, scopes }: Reader): boolean {
  const isOwn = actor === `token:${jti}`;
  return isOwn || scopes.includes("admin") || (kind !== "redeliver" && scopes.includes("calls:write"));
}
