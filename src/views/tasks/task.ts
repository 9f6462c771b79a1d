/** Tasks as the API shows them. Times are ISO 8601 in UTC. */
import { maskText } from "../../domain/people/mask.ts";
import { explain } from "../../domain/reasons.ts";
import type { TaskRow } from "../../ports/tasks/tasks.ts";
import { actorName, type TokenNames } from "../actors.ts";
import { iso } from "../moment.ts";
import { skippedView } from "./skipped.ts";

/**
 * A task with its progress.
 *
 * @param names Names of tokens.
 * @param seesReason Whether the reader may read a person's own words.
 */
export function taskView(task: TaskRow, names: TokenNames, seesReason: boolean) {
  const refused = skippedView(task.refused, task.kind === "replay" ? "event" : "call");
  return {
    id: task.id,
    kind: task.kind,
    about: task.about,
    actor: task.actor,
    by: actorName(task.actor, names),
    reason: seesReason ? task.reason : maskText(task.reason),
    state: task.state === "stepping" ? ("running" as const) : task.state,
    // `total` is the former name of `matched` and is deprecated.
    ...{ matched: task.total, total: task.total },
    searching: task.searching,
    more: task.more,
    done: task.done,
    refused,
    detail: task.detail,
    detail_text: task.detail === null ? null : explain(task.detail),
    created_at: iso(task.createdAt),
    updated_at: iso(task.updatedAt),
    ended_at: iso(task.endedAt),
  };
}
