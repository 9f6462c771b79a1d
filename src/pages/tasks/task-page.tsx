import type { PropsWithChildren } from "hono/jsx";
import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Quoted, Sentence } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
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
          {handledOf(task).toLocaleString("en-US")} of {task.matched.toLocaleString("en-US")}
        </p>
        <Says task={task} />
        <div class="facts">
          <dl>
            <Fact name="Done">{task.done.toLocaleString("en-US")}</Fact>
            {task.refused.map(({ count, reason_text }) => (
              <Fact name={`Left: ${count.toLocaleString("en-US")}`}>
                <Sentence text={reason_text} />
              </Fact>
            ))}
            {task.reason === null ? null : (
              <Fact name="Reason">
                <Quoted text={task.reason} />
              </Fact>
            )}
            <Fact name="Begun">
              <Moment at={task.created_at} />
            </Fact>
            {task.ended_at === null ? null : (
              <Fact name="Ended">
                <Moment at={task.ended_at} />
              </Fact>
            )}
          </dl>
        </div>
        {task.state === "running" && mayCancel(task, reader) ? (
          <p class="acts">
            <a class="button quiet" href={`/tasks/${task.id}/cancel`}>
              Cancel
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

function Fact({ name, children }: PropsWithChildren<{ name: string }>) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Whether the API would let the reader cancel the task. */
function mayCancel({ actor, kind }: TaskRead, { jti, scopes }: Reader): boolean {
  const isOwn = actor === `token:${jti}`;
  return isOwn || scopes.includes("admin") || (kind !== "redeliver" && scopes.includes("calls:write"));
}
