/** A task's columns. */
import type { TaskRow } from "../../ports/tasks/tasks.ts";
import { columns, isSet, ms } from "../postgres/columns.ts";
import type { tasks } from "../schema/hooks.ts";

export const taskColumns = columns<typeof tasks, TaskRow>({
  id: "id",
  kind: "kind",
  about: "about",
  actor: "actor",
  reason: "reason",
  state: "state",
  total: "total",
  searching: isSet("search"),
  more: "more",
  done: "done",
  refused: "refused",
  detail: "detail",
  createdAt: ms("created_at"),
  updatedAt: ms("updated_at"),
  endedAt: ms("ended_at"),
});
