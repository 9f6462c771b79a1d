/**
 * The dispatcher: one object that makes deliveries of entries, leases them to the notifiers, and records their tries.
 * Without hooks nobody pokes it, and without due deliveries it sleeps without a connection.
 *
 * It may be killed at any instant. Deliveries that were under way are delivered again once their lease has ended, under
 * the same id. A second dispatcher is harmless (`src/store/hooks/dispatch.ts`). The sweep pokes it each minute.
 */
import { DurableObject } from "cloudflare:workers";
import { verdictOn } from "../../domain/hooks/retries.ts";
import { type FanOutPorts, fanOut, type KnownHooks } from "../../flows/hooks/fan-out.ts";
import { pause } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { ClaimedDelivery, DeliveryResult, DispatchStore, Posted } from "../../ports/hooks/deliveries.ts";
import type { TaskStore } from "../../ports/hooks/delivery-lookups.ts";
import type { Dispatcher, Notifiers } from "../../ports/hooks/dispatcher.ts";
import type { Clock } from "../../ports/runtime.ts";
import { type AlarmLimits, failurePauseMs, objectAlarm } from "../alarm.ts";

/** Time within which one alarm begins new work. */
const runMs = 50_000;

/**
 * Time after a poke in which the dispatcher looks for entries again and again. A writer pokes at most once in
 * `hookPokeMs`, and its last entries may follow the poke.
 */
const lookAgainMs = 400;

/** The same after a change of hooks: isolates may not poke yet. */
const lookAfterChangeMs = 3_000;

/** Pause between two looks, and the longest one while an older transaction is running. */
const lookMs = 100;
const lookMsMax = 2_000;

/** Deliveries under way to all hooks. */
const underWayMax = 1_024;

/** Time in which results gather while many deliveries are under way: one statement then records them all. */
const gatherMs = 10;
const gatherFrom = 32;

/** Deliveries of one claim, and of one part of a task. */
const claimedMax = 256;
const taskPartMax = 500;

/** A lost alarm is replaced soon, since deliveries wait for it. */
const alarmLimits: AlarmLimits = { floorMs: 0, lateMs: 10_000 };

/** The dependencies that the wiring gives the dispatcher. */
export type DispatcherDeps = FanOutPorts & {
  readonly clock: Clock;
  readonly log: Log;
  readonly dispatch: DispatchStore;
  readonly tasks: TaskStore;
  readonly notifiers: Notifiers;
  /** From 0 up to 1. */
  random(): number;
  /** Tells isolates whether their entries have to be told. */
  announce(hasHooks: boolean): Promise<void>;
  /** Closes the connection, because an open one keeps the object in memory. */
  close(): void;
};

/** The dispatcher's methods as Workers and other objects call them. */
export type DispatcherRpc = Dispatcher;

/** @param wire makes an object's dependencies from its environment */
export function dispatcherObject(wire: (env: unknown) => DispatcherDeps) {
  return class extends DurableObject implements DispatcherRpc {
    readonly deps = wire(this.env);
    readonly nextAlarm = objectAlarm(this.ctx.storage, this.deps.clock, alarmLimits);
    known: KnownHooks | null = null;
    /** Hooks whose deliveries may be due. Null: any. */
    due: Set<string> | null = null;
    /** Whether entries may wait that are no deliveries yet. */
    mayHaveEntries = true;
    /** Whether a task may be running. */
    mayHaveTask = true;
    /** Hooks whose last delivery failed. */
    readonly failing = new Set<string>();
    underWay = 0;
    results: DeliveryResult[] = [];
    lookUntil = 0;
    isRunning = false;
    signal = Promise.withResolvers<void>();

    async poke(): Promise<void> {
      await this.lookFor(lookAgainMs);
    }

    async changed(): Promise<void> {
      this.due = null;
      this.mayHaveTask = true;
      await this.lookFor(lookAfterChangeMs);
    }

    async lookFor(ms: number): Promise<void> {
      const now = this.deps.clock.now();
      this.lookUntil = Math.max(this.lookUntil, now + ms);
      this.mayHaveEntries = true;
      this.signal.resolve();
      if (!this.isRunning) await this.nextAlarm.arm(now);
    }

    override async alarm(): Promise<void> {
      this.nextAlarm.fired();
      this.isRunning = true;
      // An alarm follows a retry, a lease that ended or the sweep's poke.
      this.due = null;
      this.mayHaveTask = true;
      this.mayHaveEntries = true;
      try {
        await this.run();
      } catch (error) {
        this.deps.log.error("deliveries not made", { error });
        await this.nextAlarm.arm(this.deps.clock.now() + failurePauseMs);
      } finally {
        this.isRunning = false;
        this.deps.close();
      }
    }

    async run(): Promise<void> {
      const { clock, dispatch } = this.deps;
      const until = clock.now() + runMs;
      let waitMs = lookMs;
      for (;;) {
        this.signal = Promise.withResolvers();
        const isOver = clock.now() >= until;
        const again = await this.step(isOver);
        if (this.underWay === 0 && this.results.length === 0) {
          if (isOver) return await this.nextAlarm.arm(clock.now());
          if (again === null && clock.now() >= this.lookUntil) {
            const next = await dispatch.nextAt();
            if (next !== null) await this.nextAlarm.arm(next);
            // A poke that came meanwhile found this run, and set no alarm.
            if (clock.now() >= this.lookUntil) return;
          }
        }
        if (again === "now") continue;
        const isLooking = again === null && clock.now() < this.lookUntil;
        waitMs = again === "soon" ? Math.min(2 * waitMs, lookMsMax) : lookMs;
        await Promise.race([this.signal.promise, pause(isLooking ? lookMs : again === "soon" ? waitMs : runMs)]);
        if (this.underWay >= gatherFrom) await pause(gatherMs);
      }
    }

    /** Records, fans out and claims once. @returns when to look for entries again; null after a poke. */
    async step(isOver: boolean): Promise<"now" | "soon" | null> {
      const { clock, dispatch, announce, log } = this.deps;
      const results = this.results.splice(0);
      if (results.length > 0) {
        try {
          await dispatch.record(results);
        } catch (error) {
          this.results.unshift(...results);
          throw error;
        }
        for (const { hook, verdict } of results) {
          this.due?.add(hook);
          // The record may have written that a hook fails, or no longer does.
          if (verdict.is !== "delivered" || this.failing.has(hook)) this.mayHaveEntries = true;
          if (verdict.is === "delivered") this.failing.delete(hook);
          else this.failing.add(hook);
        }
      }
      if (isOver) return null;
      let again: "now" | "soon" | null = null;
      if (this.mayHaveEntries) {
        const before = this.known;
        this.mayHaveEntries = clock.now() < this.lookUntil;
        const told = await fanOut(this.deps, before);
        this.known = told.known;
        if (before?.version !== told.known.version)
          await announce(told.known.hooks.length > 0).catch((error) => log.warn("hooks not announced", { error }));
        for (const hook of told.hooks) this.due?.add(hook);
        again = told.again;
        if (again !== null) this.mayHaveEntries = true;
      }
      await this.claim();
      // Only an alarm, a change or an earlier part may have left a task.
      if (this.mayHaveTask) {
        const task = await this.deps.tasks.advance(taskPartMax);
        this.mayHaveTask = task !== null;
        if (task !== null) {
          this.due?.add(task.hook);
          return "now";
        }
      }
      return again;
    }

    async claim(): Promise<void> {
      const room = Math.min(claimedMax, underWayMax - this.underWay);
      const { due } = this;
      if (room <= 0 || due?.size === 0) return;
      this.due = new Set();
      const claimed = await this.deps.dispatch.claim(due === null ? null : [...due], room).catch((error) => {
        this.due = null;
        throw error;
      });
      // More may be due than there was room for.
      if (claimed.length === room) this.due = null;
      for (const together of posts(claimed)) void this.post(together);
    }

    async post(together: readonly ClaimedDelivery[]): Promise<void> {
      const { clock, log, notifiers, random } = this.deps;
      this.underWay += together.length;
      try {
        const posted: Posted = await notifiers.post(together);
        for (const { id, hook, tries } of together) {
          this.results.push({ id, hook, posted, verdict: verdictOn(posted, tries + 1, random()) });
        }
      } catch (error) {
        // This says nothing about the receiver. The lease ends, and the delivery is made again under its id.
        log.warn("a notifier did not answer", { hook: together[0]?.hook, error });
        await this.nextAlarm.arm(clock.now() + failurePauseMs);
      } finally {
        this.underWay -= together.length;
        this.signal.resolve();
      }
    }
  };
}

/** One POST for each delivery. Reviews of calls that go to people share one. */
function posts(claimed: readonly ClaimedDelivery[]): (readonly ClaimedDelivery[])[] {
  const digests = new Map<string, ClaimedDelivery[]>();
  const single: ClaimedDelivery[][] = [];
  for (const one of claimed) {
    if (one.format === "webhook" || one.type !== "call.review") single.push([one]);
    else digests.set(one.hook, [...(digests.get(one.hook) ?? []), one]);
  }
  return [...single, ...digests.values()];
}
