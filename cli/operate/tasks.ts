// `hookline tasks`: work that the service goes on with by itself.
import { parseArgs } from "node:util";
import { type Command, CommandError, type Io } from "../command.ts";
import { onlyArgument, runSubverb, type Subverb } from "../hooks/subverbs.ts";
import { eachRow, limitOf } from "../pages.ts";
import { callApi, findService, read, refusal } from "../service.ts";
import { followTask, progressOf, readTask, type Task, taskAnswer, tellEnd } from "../task.ts";
import { counted, printable } from "../words.ts";

const usages = {
  list: "tasks [list] [--limit N]",
  show: "tasks show ID",
  watch: "tasks watch ID",
  cancel: "tasks cancel ID [--reason TEXT]",
} as const;

const listTasks: Subverb = {
  usage: usages.list,
  async run(args, io) {
    const { values } = parseArgs({ args, options: { limit: { type: "string" } } });
    const limit = limitOf(values.limit);
    const { rows, more } = await eachRow(findService(io), "/v1/tasks", new URLSearchParams(), limit, taskAnswer);
    for (const task of rows)
      io.out(`${task.created_at}  ${task.id}  ${task.kind.padEnd(9)}  ${task.state.padEnd(8)}  ${progressOf(task)}`);
    if (rows.length === 0) io.say("there are no tasks");
    else io.say(more ? `there are more; --limit ${limit * 2} prints more` : counted(rows.length, "task"));
    return 0;
  },
};

const showTask: Subverb = {
  usage: usages.show,
  async run(args, io) {
    const task = await readTask(findService(io), idOf(args, usages.show));
    printTask(io, task);
    return tellEnd(io, task);
  },
};

const watchTask: Subverb = {
  usage: usages.watch,
  async run(args, io) {
    const service = findService(io);
    const task = await readTask(service, idOf(args, usages.watch));
    printTask(io, task);
    return tellEnd(io, await followTask(io, service, task));
  },
};

const cancelTask: Subverb = {
  usage: usages.cancel,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { reason: { type: "string" } },
    });
    const id = onlyArgument(positionals, "the task's id", usages.cancel);
    const { reason } = values;
    if (reason?.trim() === "") throw new CommandError("--reason must not be empty", 2);
    const path = `/v1/tasks/${encodeURIComponent(id)}/cancel`;
    const answer = await callApi(findService(io), "POST", path, reason === undefined ? {} : { reason });
    if (!answer.ok) throw refusal(answer);
    tellEnd(io, read(taskAnswer, answer.body));
    return 0;
  },
};

const subverbs: ReadonlyMap<string, Subverb> = new Map([
  ["list", listTasks],
  ["show", showTask],
  ["watch", watchTask],
  ["cancel", cancelTask],
]);

export const tasksCommand: Command = {
  usage: "[list] [--limit N] | show ID | watch ID | cancel ID [--reason TEXT]",
  summary: "list tasks; show, follow or cancel one",
  help: `A task is bulk work that the service goes on with by itself: \`--as-task\` of cancel, release, resolve and replay
begins one. A token with admin has all tasks, one with calls:read those about calls, and every token its own.

  --limit   how many are listed, the newest first (50)
  --reason  why it is canceled; the audit log has it

show prints the task with its progress. watch follows it to its end; the task goes on if watch is stopped. Exit
code 1 of both: the task ended before its work was done.
cancel ends a running task. Its work until then stays done.`,
  run: (args, io) => runSubverb(subverbs, listTasks, args, io),
};

function idOf(args: string[], usage: string): string {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  return onlyArgument(positionals, "the task's id", usage);
}

function printTask(io: Io, task: Task): void {
  const { filter, ...about } = task.about;
  const facts: readonly [string, string | null][] = [
    ["id", task.id],
    ["work", task.kind],
    ["which", typeof filter === "object" && filter !== null ? pairsOf(filter) : null],
    ["how", Object.keys(about).length === 0 ? null : pairsOf(about)],
    ["reason", task.reason],
    ["by", task.actor],
    ["begun", task.created_at],
    ["ended", task.ended_at],
  ];
  for (const [name, value] of facts) if (value !== null) io.out(`${name.padEnd(8)}${printable(value)}`);
}

function pairsOf(fields: object): string {
  const words = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${words(value)}`)
    .join(", ");
}
