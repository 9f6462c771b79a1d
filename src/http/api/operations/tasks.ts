import { taskSchema, tasksSchema } from "../answers/tasks.ts";
import type { ApiOperations } from "./operation.ts";

const path = { id: "The task's id." };
const whose =
  "A token with `admin` has all tasks, one with `calls:read` those about calls and events, and every token its own.";

/** Tasks. */
export const taskOperations = {
  "GET /tasks": {
    id: "listTasks",
    summary: "Tasks, which are work that continues after its request; newest first",
    description: whose,
    fields: {
      limit: "Rows of a page, at most 200.",
      cursor: "`next_cursor` of the page before.",
    },
    answers: { 200: { description: "A page of tasks.", schema: tasksSchema } },
    problems: ["cursor_invalid"],
  },
  "GET /tasks/:id": {
    id: "getTask",
    summary: "One task with its progress",
    description: whose,
    path,
    answers: { 200: { description: "The task.", schema: taskSchema } },
    problems: ["not_found"],
  },
  "POST /tasks/:id/cancel": {
    id: "cancelTask",
    summary: "Cancels a running task",
    description:
      "Calls and events that it has decided stay so, and `done` counts them. The task works on no other. A task that is over is not canceled: the " +
      "answer is 409 `task_state`. A token with `calls:write` and `calls:read` cancels tasks about calls and events of others too.",
    path,
    fields: { reason: "Why. The audit entry has it." },
    answers: { 200: { description: "The task with what it has done.", schema: taskSchema } },
    problems: ["not_found", "task_state"],
  },
} as const satisfies ApiOperations;
