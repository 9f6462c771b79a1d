/** A step of a task that replays events: plans them by current rules, and makes their calls with the progress. */
import { eventsPerStepMax } from "../../domain/tasks/task.ts";
import type { ReplayEnd } from "../../ports/planning/replays.ts";
import type { SteppingTask, StepResult } from "../../ports/tasks/steps.ts";
import { tally } from "../people/decide-these.ts";
import { type PreparedReplay, prepareReplay } from "../planning/prepare-replay.ts";
import { linesToDial, makeReplay, viewsMax } from "../planning/replay.ts";
import type { TaskPorts } from "./task-ports.ts";
import { replayWishOf } from "./verbs.ts";

type ReplayedStep = StepResult & { readonly lines: readonly string[] };

/**
 * If a source changed after its rules were read, nothing is written, and the events are planned again.
 *
 * @returns Lines with calls to dial now.
 */
export async function replayStep(ports: TaskPorts, task: SteppingTask): Promise<readonly string[]> {
  const rows = await ports.steps.items(task.id, eventsPerStepMax);
  for (let view = 1; ; view++) {
    const step = await replayRows(ports, task, rows, view === viewsMax);
    if (step !== null) return step === "over" ? [] : step.lines;
  }
}

/** @returns Null: a source changed. */
async function replayRows(
  ports: TaskPorts,
  task: SteppingTask,
  ids: readonly string[],
  isLast: boolean,
): Promise<ReplayedStep | "over" | null> {
  const wish = { ...replayWishOf(task), dryRun: false };
  const prepared = await prepareReplay(ports, { ...wish, which: { ids }, after: null });
  const read = new Set(prepared.events.map(({ id }) => id));
  // Rows are in the order of the events. Those behind the last event that fits belong to the next step.
  const cut = prepared.next === null ? ids : ids.slice(0, ids.indexOf(prepared.next.id) + 1);
  return await ports.steps.step(task.id, cut, async ({ replays }, rows): Promise<ReplayedStep | null> => {
    const own = new Set(rows);
    const wanted = prepared.wanted.filter(({ id }) => own.has(id));
    const act = { actor: task.actor, reason: task.reason, task: task.id };
    const { ends, changed } = await makeReplay(replays, wanted, wish, act);
    if (changed && !isLast) return null;
    const reasons = rows.map((id) => (read.has(id) ? reasonOf(id, prepared, ends) : "not_found"));
    const refused = reasons.flatMap((reason) => reason ?? []);
    return {
      ...{ over: rows, done: rows.length - refused.length, refused: tally(refused), claimed: [] },
      lines: linesToDial(ends),
    };
  });
}

/** @returns Why an event made no call; null if it made one. */
function reasonOf(id: string, { passed }: PreparedReplay, ends: readonly ReplayEnd[]): string | null {
  const own = ends.filter(({ eventId }) => eventId === id);
  if (own.some(({ callId }) => callId !== null)) return null;
  const stopped = own.flatMap((end) => (end.callId === null ? [end.reason] : []));
  return stopped[0] ?? passed.find(({ event }) => event === id)?.reason ?? "moved";
}
