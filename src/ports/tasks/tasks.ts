/** Tasks as people see and begin them. Times are epoch milliseconds. Types only. */
import type { BulkKind, StoredTaskState, TaskKind } from "../../domain/tasks/task.ts";
import type { CallFilter } from "../lookups/calls.ts";
import type { Cursor, Results } from "../page.ts";
import type { ReplaySelection } from "../planning/replays.ts";

export type TaskRow = {
  readonly id: string;
  readonly kind: string;
  readonly about: Readonly<Record<string, unknown>>;
  readonly actor: string;
  readonly reason: string | null;
  readonly state: StoredTaskState;
  /** Rows that the task has found. */
  readonly total: number;
  /** Whether it goes on to find rows. */
  readonly searching: boolean;
  /** Whether more rows matched than a task takes. */
  readonly more: boolean;
  readonly done: number;
  /** Rows that were left as they were, counted by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** A code, if the task ended before its work was done. */
  readonly detail: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt: number | null;
};

/** The calls or the events of a task. Ids keep their order; an id without a row is counted as refused. */
export type TaskSelection =
  | { readonly of: "calls"; readonly filter: CallFilter }
  | { readonly of: "calls"; readonly ids: readonly string[] }
  | ({ readonly of: "events" } & ReplaySelection);

export type TaskWish = {
  readonly kind: BulkKind;
  /** As the request said, without numbers and texts of people. */
  readonly about: Readonly<Record<string, unknown>>;
  readonly actor: string;
  readonly token: string;
  /** Scopes that the token has at each step. */
  readonly needs: readonly string[];
  /** Without numbers of people. */
  readonly reason: string | null;
  readonly which: TaskSelection;
};

/** Tasks that a reader may see: all, or those of some kinds and their own. */
type SeenTasks = "all" | { readonly kinds: readonly TaskKind[]; readonly actor: string };

export type TaskStore = {
  /**
   * Begins a task with the first of its rows, and its entry. Rows of a filter with a number are all found at once, because
   * the number is not stored.
   */
  begin(wish: TaskWish): Promise<TaskRow>;
  list(seen: SeenTasks, limit: number, after: Cursor | null): Promise<Results<TaskRow>>;
  find(id: string): Promise<TaskRow | null>;
  /** Ends a running task, with its entry. Null: it is over, or there is none. */
  cancel(id: string, actor: string, reason: string | null): Promise<TaskRow | null>;
};
