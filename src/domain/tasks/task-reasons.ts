/** Reasons why a task ended before its work was done. The comment names the files that assign them, which a test verifies. */
import type { Explanation } from "../call-reasons.ts";

export const taskReasons = {
  // Reasons why a task ended early: src/store/tasks/steps.ts, src/store/hooks/redeliveries.ts.
  task_token_ended: {
    what: "The token that began the task was revoked, has ended, or lacks a scope that the task needs: the task stopped.",
    next: "Its progress says what was done before. Begin a new task with a valid token for the rest.",
  },
  task_step_failed: {
    what: "A step of the task failed several times because of a bug: the task ended, and what was done stays done.",
    next: "The log has the error. Begin a new task for the rest after an upgrade.",
  },
} as const satisfies Record<string, Explanation>;
