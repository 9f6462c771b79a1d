/** Stub of the task runner. */
import type { TaskWaker } from "../../ports/tasks/steps.ts";
import type { reach } from "../stubs.ts";
import type { TaskRunnerRpc } from "./task-runner.ts";

/** @param to reaches the task runner's namespace */
export function taskRunnerStub(to: ReturnType<typeof reach>): TaskWaker {
  const runner = () => to("task-runner") as unknown as TaskRunnerRpc;
  return {
    async poke() {
      await runner()
        .poke()
        .catch(() => runner().poke())
        // The task is stored. The sweep's poke reaches it within a minute.
        .catch(() => {});
    },
  };
}
