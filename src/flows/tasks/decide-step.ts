/** A step of a task that decides calls: reads the next calls, asks the gates, and writes the decisions with the progress. */
import type { DecidedCall } from "../../domain/plan/decision.ts";
import { callsPerStepMax } from "../../domain/tasks/task.ts";
import type { SteppingTask, StepResult } from "../../ports/tasks/steps.ts";
import { type BulkVerb, decideThese, mayDecide, rings, tally } from "../people/decide-these.ts";
import { splitOnRefusal } from "../split-on-refusal.ts";
import type { TaskPorts } from "./task-ports.ts";
import { verbOf } from "./verbs.ts";

/** Attempts for calls whose line, source or rule changes between the gates and the write. Afterwards they count as `moved`. */
const attemptsMax = 3;

/** A call that was not decided yet, or its end: null if it is done, otherwise why it was left as it was. */
type Ends = ReadonlyMap<string, string | null>;

type DecidedStep = StepResult & { readonly ends: Ends };

/** @returns Lines with calls to dial now. */
export async function decideStep(ports: TaskPorts, task: SteppingTask): Promise<string[]> {
  const what = verbOf(task);
  const lines = new Set<string>();
  let left: readonly string[] = await ports.steps.items(task.id, callsPerStepMax);
  // A task without a row is ended by a step about none.
  if (left.length === 0) await ports.steps.step(task.id, [], async () => emptyStep);
  for (let attempt = 1; left.length > 0 && attempt <= attemptsMax; attempt++)
    left = await decideSome(ports, task, what, left, { isLast: attempt === attemptsMax, lines });
  return [...lines];
}

const emptyStep: StepResult = { over: [], done: 0, refused: {}, claimed: [] };

/** @returns The calls to try again: they may still be decided, by other times or texts. */
async function decideSome(
  ports: TaskPorts,
  task: SteppingTask,
  what: BulkVerb,
  ids: readonly string[],
  { isLast, lines }: { isLast: boolean; lines: Set<string> },
): Promise<string[]> {
  const { calls, next } = await ports.decisions.decidable({ ids }, what.verb, ids.length, null);
  // Rows are in the order of the calls. Those behind the last call that fits belong to the next step.
  const examined = next === null ? ids : ids.slice(0, ids.indexOf(next.id) + 1);
  const asked = await mayDecide(ports, what, calls);
  const byId = new Map(calls.map((call) => [call.id, call]));
  const known = await ports.stops.statusesOf(examined.filter((id) => !byId.has(id)));
  const act = { actor: task.actor, reason: task.reason, task: task.id };
  const again: string[] = [];
  await splitOnRefusal(
    examined,
    async (some) => {
      const step = await ports.steps.step(task.id, some, async ({ decisions }, rows): Promise<DecidedStep> => {
        const chosen = rows.flatMap((id) => byId.get(id) ?? []);
        const { ends, claimed } = await decideThese(decisions, what, chosen, asked, act);
        const isMarked = claimed.filter(({ id }) => ends.has(id));
        // Their line has to answer first.
        for (const { id } of isMarked) ends.delete(id);
        const waits = new Set(isMarked.map(({ id }) => id));
        for (const id of rows)
          if (!ends.has(id) && !waits.has(id)) {
            if (!byId.has(id)) ends.set(id, known.has(id) ? "moved" : "not_found");
            else if (isLast || !rings(what)) ends.set(id, "moved");
          }
        // Gates also judged calls that another runner has decided meanwhile.
        const own = new Map(rows.flatMap((id) => (ends.has(id) ? [[id, ends.get(id) ?? null] as const] : [])));
        return { ...countedStep(own), over: [...own.keys(), ...waits], claimed: isMarked, ends: own };
      });
      if (step !== "over" && step !== null) {
        noteLines(lines, step.ends, byId);
        again.push(...some.filter((id) => !step.over.includes(id)));
      }
      return [];
    },
    ports.steps.refuses,
    async (id) => {
      await ports.steps.step(task.id, [id], async (_, rows) => ({
        ...{ over: rows, done: 0, claimed: [] },
        refused: rows.length === 0 ? {} : { not_written: 1 },
      }));
      return [];
    },
  );
  return again;
}

function countedStep(ends: Ends): Pick<StepResult, "done" | "refused"> {
  const reasons = [...ends.values()].flatMap((end) => end ?? []);
  return { done: ends.size - reasons.length, refused: tally(reasons) };
}

function noteLines(lines: Set<string>, ends: Ends, calls: ReadonlyMap<string, DecidedCall>): void {
  for (const [id, end] of ends) {
    const line = calls.get(id)?.line ?? null;
    if (end === null && line !== null) lines.add(line);
  }
}
