/** Closed sets and limits of tasks: work on many rows that goes on after its request has ended. No I/O. */

/** Work of a task. `redeliver` is done by the dispatcher, all others by the task runner. */
export const taskKinds = ["redeliver", "cancel", "release", "resolve", "replay"] as const;
export type TaskKind = (typeof taskKinds)[number];
/** Kinds of the task runner. */
export type BulkKind = Exclude<TaskKind, "redeliver">;

/**
 * | state      | entered when                                                                       |
 * | ---------- | ---------------------------------------------------------------------------------- |
 * | `running`  | the task begins                                                                    |
 * | `done`     | every row was worked on                                                            |
 * | `canceled` | a person canceled it                                                               |
 * | `stopped`  | its token was revoked, has ended, or lost a scope                                  |
 * | `failed`   | a step failed several times for a reason that is not Postgres'                     |
 */
export const taskStates = ["running", "done", "failed", "canceled", "stopped"] as const;

/**
 * States as they are stored. A running task of the task runner is `stepping`: a dispatcher of an earlier version takes
 * every `running` task for a redelivery, and would end it.
 */
export const storedTaskStates = [...taskStates, "stepping"] as const;
export type StoredTaskState = (typeof storedTaskStates)[number];

/** Calls that one step decides, and events that one step replays. A step is one short transaction. */
export const callsPerStepMax = 100;
export const eventsPerStepMax = 50;

/** Rows of one task. If more match, the task says so. */
export const itemsPerTaskMax = 100_000;

/** Rows that one step finds for a task. */
export const itemsPerSearchMax = 5_000;

/** Ids that a request may list. */
export const idsPerRequestMax = 1_000;
