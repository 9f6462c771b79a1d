/**
 * The task runner: one object that works off tasks, step by step. Tasks take turns, so a long one holds up no other.
 * Without tasks it sleeps without a connection.
 *
 * It may be killed at any instant: a step and its progress are one transaction, and the next run goes on behind it. A
 * second runner is harmless, because a step locks its task. The sweep pokes it each minute while there are tasks.
 */
import { DurableObject } from "cloudflare:workers";
import { advanceTask } from "../../flows/tasks/advance-task.ts";
import type { TaskPorts } from "../../flows/tasks/task-ports.ts";
import type { Log } from "../../platform/log.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SteppingTask, TaskWaker } from "../../ports/tasks/steps.ts";
import { type AlarmLimits, failurePauseMs, objectAlarm } from "../alarm.ts";

/** Time within which one alarm begins new steps. */
const runMs = 45_000;

/** Failures of one task in a row after which it ends. */
const failuresMax = 3;

/** A lost alarm is replaced soon, since people wait for the task. */
const alarmLimits: AlarmLimits = { floorMs: 0, lateMs: 10_000 };

/** The dependencies that the wiring gives the task runner. */
export type TaskRunnerDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** Ports for one step: the client behind them changes after a drop. */
  ports(): TaskPorts;
  /** Closes the connection, because an open one keeps the object in memory. */
  close(): void;
};

/** The task runner's methods as Workers call them. */
export type TaskRunnerRpc = TaskWaker;

/** @param wire makes an object's dependencies from its environment */
export function taskRunnerObject(wire: (env: unknown) => TaskRunnerDeps) {
  return class extends DurableObject implements TaskRunnerRpc {
    readonly deps = wire(this.env);
    readonly nextAlarm = objectAlarm(this.ctx.storage, this.deps.clock, alarmLimits);
    isRunning = false;
    /** Whether a poke came during a run. */
    isPoked = false;
    /** Failures in a row of tasks. */
    readonly failures = new Map<string, number>();

    async poke(): Promise<void> {
      this.isPoked = true;
      if (!this.isRunning) await this.nextAlarm.arm(this.deps.clock.now());
    }

    override async alarm(): Promise<void> {
      this.nextAlarm.fired();
      this.isRunning = true;
      let again: number | null = null;
      try {
        again = await this.run();
      } catch (error) {
        this.deps.log.error("tasks made no progress", { error });
        again = failurePauseMs;
      } finally {
        this.isRunning = false;
        this.deps.close();
      }
      if (again !== null) await this.nextAlarm.arm(this.deps.clock.now() + again);
    }

    /** Works until no task is left, or its time is over. @returns Milliseconds until the next run; null: none is needed. */
    async run(): Promise<number | null> {
      const { clock } = this.deps;
      const until = clock.now() + runMs;
      /** Tasks that failed, or wait for a line. */
      const resting = new Set<string>();
      const asked = new Map<string, number>();
      while (clock.now() < until) {
        this.isPoked = false;
        const ports = this.deps.ports();
        const task = await ports.steps.next([...resting]);
        if (task !== null) {
          if (!(await this.advance(ports, task, asked))) resting.add(task.id);
        } else if (!this.isPoked) return resting.size > 0 ? failurePauseMs : null;
      }
      return 0;
    }

    /** A task that fails or waits holds up no other. @returns whether it made its step */
    async advance(ports: TaskPorts, task: SteppingTask, asked: Map<string, number>): Promise<boolean> {
      const { log } = this.deps;
      try {
        const lines = await advanceTask(ports, task, asked);
        this.failures.delete(task.id);
        if (lines === "waits") {
          log.warn("a task waits for a line to answer for its calls", { task: task.id });
          return false;
        }
        // The sweep wakes a line that misses this, within a minute.
        const pokes = await Promise.allSettled(lines.map((line) => ports.lines.poke(line)));
        for (const [nth, poke] of pokes.entries())
          if (poke.status === "rejected")
            log.warn("a line was not woken after a decision", { line: lines[nth], error: poke.reason });
        return true;
      } catch (error) {
        if (ports.steps.isNotNow(error)) throw error;
        log.error("a task made no progress", { task: task.id, error });
        const failures = (this.failures.get(task.id) ?? 0) + 1;
        this.failures.set(task.id, failures);
        if (failures >= failuresMax) {
          await ports.steps.fail(task.id);
          this.failures.delete(task.id);
        }
        return false;
      }
    }
  };
}
