/**
 * One step of a task: it finds rows, works on some of them, or hears from lines that held calls. Each is one transaction,
 * which has the progress as well. Between two steps nothing is in memory, so a killed runner loses nothing.
 */
import type { SteppingTask } from "../../ports/tasks/steps.ts";
import { stopClaimed } from "../calling/stop.ts";
import { endsOfClaimed, tally } from "../people/decide-these.ts";
import { decideStep } from "./decide-step.ts";
import { replayStep } from "./replay-step.ts";
import type { TaskPorts } from "./task-ports.ts";

/**
 * @param asked Calls of each task for which lines were asked in vain during this run. They are asked again once the task
 *   has more of them: each question has every line give back its claims.
 * @returns Lines with calls to dial now. `"waits"`: a line has to answer for its calls, and nothing else is left to do.
 */
export async function advanceTask(
  ports: TaskPorts,
  task: SteppingTask,
  asked: Map<string, number>,
): Promise<readonly string[] | "waits"> {
  const hasClaimed = task.unconfirmed.length > 0;
  if (hasClaimed && asked.get(task.id) !== task.unconfirmed.length) {
    if (await confirmClaimed(ports, task)) return [];
    asked.set(task.id, task.unconfirmed.length);
  }
  if (task.searching) {
    await ports.steps.search(task.id);
    return [];
  }
  // A line that does not answer holds up no other row.
  if (hasClaimed && (await ports.steps.items(task.id, 1)).length === 0) return "waits";
  return task.kind === "replay" ? await replayStep(ports, task) : await decideStep(ports, task);
}

/**
 * Asks the lines for the calls that they held when these were canceled. A call that is asked for twice is counted once.
 *
 * @returns False: a line did not answer, and may still give a call back. It is asked again until the call's lease ends.
 */
async function confirmClaimed(ports: TaskPorts, task: SteppingTask): Promise<boolean> {
  const stopped = await stopClaimed(ports, task.unconfirmed);
  if (stopped.unconfirmed.length > 0) return false;
  const ends = endsOfClaimed(stopped);
  // A call that is no longer a line's, and not canceled, got another end before it was asked for.
  const found = task.unconfirmed.map(({ id }) => ends.get(id) ?? (ends.has(id) ? null : "in_flight"));
  const left = found.flatMap((end) => end ?? []);
  await ports.steps.confirm(task, { done: found.length - left.length, refused: tally(left) });
  return true;
}
