/** Tasks. */
import * as z from "zod";
import { taskKinds, taskStates } from "../../../domain/tasks/task.ts";
import { count, facts, isoTime, pageOf, perhapsText, perhapsTime, reasonCount, uuid } from "./words.ts";

export const taskSchema = z
  .strictObject({
    id: uuid,
    kind: z.enum(taskKinds),
    about: facts.meta({ description: "The request: its filter or the number of its ids, and what it wants." }),
    actor: z.string(),
    by: z.string().meta({ description: "Name of the token that began it." }),
    reason: perhapsText,
    state: z.enum(taskStates).meta({
      description: "`stopped`: its token was revoked, has ended or lost a scope. `failed`: a bug held it up.",
    }),
    matched: count.meta({ description: "Calls, events or deliveries that the task has found." }),
    total: count.meta({ deprecated: true, description: "The former name of `matched`." }),
    searching: z.boolean().meta({ description: "The task goes on to find, so `matched` grows." }),
    more: z.boolean().meta({ description: "More matched than a task takes. Begin another one for the rest." }),
    done: count,
    refused: z.array(reasonCount).meta({ description: "Left as they were, counted by reason." }),
    detail: perhapsText,
    detail_text: perhapsText,
    created_at: isoTime,
    updated_at: isoTime,
    ended_at: perhapsTime,
  })
  .meta({ id: "Task" });
export const tasksSchema = pageOf(taskSchema);
