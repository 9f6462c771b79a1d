// Tasks of the API: work that the service goes on with by itself.
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { CommandError, type Io } from "./command.ts";
import { callApi, get, read, refusal, type Service } from "./service.ts";
import { counted, printable } from "./words.ts";

export const taskAnswer = z.looseObject({
  id: z.string(),
  kind: z.string(),
  about: z.record(z.string(), z.unknown()),
  actor: z.string(),
  reason: z.string().nullable().default(null),
  state: z.string(),
  // A service of an older version has only the first two counts.
  total: z.number(),
  done: z.number(),
  searching: z.boolean().default(false),
  more: z.boolean().default(false),
  refused: z.array(z.looseObject({ reason: z.string(), reason_text: z.string(), count: z.number() })).default([]),
  detail: z.string().nullable(),
  detail_text: z.string().nullable().default(null),
  created_at: z.string(),
  ended_at: z.string().nullable(),
});
export type Task = z.output<typeof taskAnswer>;

/** Looks for the end of a task without any progress in between. */
const idleLooksMax = 300;
const taskLookEveryMs = 1_000;

export async function readTask(service: Service, id: string): Promise<Task> {
  return await get(service, `/v1/tasks/${encodeURIComponent(id)}`, taskAnswer);
}

/** Begins a task by a request with `as_task`, and prints its id. @returns the exit code */
export async function postTask(io: Io, service: Service, path: string, body: object): Promise<number> {
  const answer = await callApi(service, "POST", path, { ...body, as_task: true });
  if (!answer.ok) throw refusal(answer);
  const task = read(taskAnswer, answer.body);
  io.out(task.id);
  io.say(`the service works off the task; \`hookline tasks watch ${task.id}\` follows it`);
  return 0;
}

/** Follows a task to its end. It goes on at the service if this command is stopped. */
export async function followTask(io: Io, service: Service, begun: Task): Promise<Task> {
  let task = begun;
  for (let idle = 0; task.state === "running"; idle++) {
    if (idle === idleLooksMax)
      throw new CommandError(
        `no progress for 5 minutes; the task goes on at the service: \`hookline tasks show ${task.id}\` shows it`,
      );
    await pause(taskLookEveryMs);
    const now = await readTask(service, begun.id);
    if (progressOf(now) !== progressOf(task)) {
      io.say(`${progressOf(now)} so far`);
      idle = -1;
    }
    task = now;
  }
  return task;
}

/** `300 of 1000, 2 refused`. */
export function progressOf({ done, total, searching, refused }: Task): string {
  const left = refused.reduce((sum, { count }) => sum + count, 0);
  return `${done} of ${total}${searching ? " found" : ""}${left === 0 ? "" : `, ${left} refused`}`;
}

/** Prints what became of a task. @returns the exit code: 0 unless it ended before its work was done */
export function tellEnd(io: Io, task: Task): number {
  const noun = { redeliver: "delivery", replay: "event" }[task.kind] ?? "call";
  for (const { count, reason_text } of task.refused)
    io.say(
      `refused: ${counted(count, noun, noun === "delivery" ? "deliveries" : `${noun}s`)}. ${printable(reason_text)}`,
    );
  if (task.detail_text !== null) io.say(printable(task.detail_text));
  if (task.more) io.say("more matched than a task takes: begin another one for the rest");
  io.say(`${task.state}: ${progressOf(task)}`);
  return task.state === "done" || task.state === "running" ? 0 : 1;
}
