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

/** @returns Lines with calls to dial now. */
export async function advanceTask(ports: TaskPorts, task: SteppingTask): Promise<readonly string[]> {
  if (task.unconfirmed.length > 0) {
    await confirmClaimed(ports, task);
    return [];
  }
  if (task.searching) {
    await ports.steps.search(task.id);
    return [];
  }
  return task.kind === "replay" ? await replayStep(ports, task) : await decideStep(ports, task);
}

/** Asks the lines for the calls that they held when these were canceled. A call that is asked for twice is counted once. */
async function confirmClaimed(ports: TaskPorts, task: SteppingTask): Promise<void> {
  const ends = endsOfClaimed(await stopClaimed(ports, task.unconfirmed));
  // A call that is no longer a line's, and not canceled, got another end before it was asked for.
  const found = task.unconfirmed.map(({ id }) => ends.get(id) ?? (ends.has(id) ? null : "in_flight"));
  const left = found.flatMap((end) => end ?? []);
  await ports.steps.confirm(task, { done: found.length - left.length, refused: tally(left) });
}
