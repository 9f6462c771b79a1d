/** Steps of tasks, as the task runner works them off. Types only. */
import type { BulkKind } from "../../domain/tasks/task.ts";
import type { ClaimedOn } from "../calling/stops.ts";
import type { DecisionStore } from "../people/decisions.ts";
import type { ReplayStore } from "../planning/replays.ts";

/** A task that waits for its next step. */
export type SteppingTask = {
  readonly id: string;
  readonly kind: BulkKind;
  readonly about: Readonly<Record<string, unknown>>;
  readonly actor: string;
  readonly reason: string | null;
  readonly searching: boolean;
  /** Calls that were canceled while a line held them. */
  readonly unconfirmed: readonly ClaimedOn[];
};

/** Rows that a step has worked on. Each row that is not done has its reason, and rows of `claimed` are counted later. */
export type StepResult = {
  /** Rows that were worked on. The others of the step stay. */
  readonly over: readonly string[];
  readonly done: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly claimed: readonly ClaimedOn[];
};

/** Statements of single decisions and replays, in the transaction of a step. */
export type StepStores = {
  readonly decisions: Pick<DecisionStore, "cancel" | "close" | "release" | "rang" | "again">;
  readonly replays: Pick<ReplayStore, "make" | "refuses">;
};

/** Tasks of the task runner. Every method that works on a task is one transaction. */
export type TaskSteps = {
  /** The task that waits longest, except these. */
  next(except: readonly string[]): Promise<SteppingTask | null>;
  /** Finds the next rows of a task. */
  search(id: string): Promise<void>;
  /** The next rows, at most `limit`. */
  items(id: string, limit: number): Promise<string[]>;
  /**
   * Works on some rows and commits the result with the task's progress. Rows that another runner has worked on are left
   * out. Ends the task after its last row.
   *
   * @param work Gets the rows that are left. Null: nothing is written.
   * @returns The result; null if nothing was written; `"over"`: the task is over, or its token has ended.
   */
  step<Result extends StepResult>(
    id: string,
    rows: readonly string[],
    work: (stores: StepStores, rows: readonly string[]) => Promise<Result | null>,
  ): Promise<Result | null | "over">;
  /** Counts the calls of {@link SteppingTask.unconfirmed}, unless another runner has. */
  confirm(task: SteppingTask, result: Pick<StepResult, "done" | "refused">): Promise<void>;
  /** Ends a task that a bug holds up. */
  fail(id: string): Promise<void>;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
  /** Whether a thrown value says nothing about the content: Postgres is down or does not answer. */
  isNotNow(error: unknown): boolean;
};

/** Wakes the task runner. */
export type TaskWaker = {
  /** Tasks were begun or canceled. Never rejects; the sweep makes a lost poke good. */
  poke(): Promise<void>;
};
