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
import { splitOnRefusal } from "../../flows/split-on-refusal.ts";
import { pause } from "../../platform/clock.ts";
import { endsWithin, withinDeadline } from "../../platform/deadline.ts";
import type { Log } from "../../platform/log.ts";
import type { ClaimedDelivery, DeliveryResult, DispatchStore, Posted } from "../../ports/hooks/deliveries.ts";
import type { RedeliveryStore } from "../../ports/hooks/delivery-lookups.ts";
import type { Dispatcher, Notifiers } from "../../ports/hooks/dispatcher.ts";
import type { Clock } from "../../ports/runtime.ts";
import { type AlarmLimits, failurePauseMs, objectAlarm } from "../alarm.ts";
import { dueHooks } from "./due-hooks.ts";
import { charactersOf, isFull, posts } from "./posts.ts";

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
const [lookMs, lookMsMax] = [100, 2_000];

/**
 * Time after which the dispatcher, while it is awake, claims for all hooks: a retry may have become due while the posts of
 * others are under way. Also the shortest time of an alarm for what is due and could not be claimed.
 */
const claimAllMs = 1_000;

/** Deliveries under way to all hooks, and characters of their bodies, which are in memory. */
const underWayMax = 1_024;
const charactersUnderWayMax = 16_000_000;

/** Time in which results gather while many deliveries are under way: one statement then records them all. */
const gatherMs = 10;
const gatherFrom = 32;

/** Longest wait for a notifier: less than a lease, more than a POST. */
const notifierMs = 40_000;

/** Longest wait for the notary, which is told whether there are hooks, and the pause after a failure. */
const announceMs = 5_000;

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
  readonly redeliveries: RedeliveryStore;
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
    /** The notary's last answer to whether there are hooks; null before it. */
    announced: boolean | null = null;
    announceAt = 0;
    readonly due = dueHooks();
    /** Whether entries may wait that are no deliveries yet. */
    mayHaveEntries = true;
    /** Hooks whose last delivery failed. */
    readonly failing = new Set<string>();
    /** Time of the next claim for all hooks. */
    claimAllAt = 0;
    /** Whether a task may be running. */
    mayHaveTask = true;
    underWay = 0;
    charactersUnderWay = 0;
    results: DeliveryResult[] = [];
    lookUntil = 0;
    isRunning = false;
    signal = Promise.withResolvers<void>();

    async poke(): Promise<void> {
      await this.lookFor(lookAgainMs);
    }

    async changed(): Promise<void> {
      this.due.all();
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
      this.due.all();
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

    /** Works until nothing is left to do. Posts under way at the end of its time go on, and the next run records them. */
    async run(): Promise<void> {
      const { clock, dispatch } = this.deps;
      const until = clock.now() + runMs;
      let waitMs = lookMs;
      for (;;) {
        this.signal = Promise.withResolvers();
        const again = await this.step();
        if (clock.now() >= until) return await this.nextAlarm.arm(clock.now());
        if (again === "now") continue;
        if (again === null && this.underWay === 0 && this.results.length === 0 && clock.now() >= this.lookUntil) {
          const next = await dispatch.nextAt();
          const now = clock.now();
          if (next !== null) await this.nextAlarm.arm(next > now ? next : now + claimAllMs);
          // A poke that came meanwhile found this run, and set no alarm.
          if (clock.now() >= this.lookUntil) return;
        }
        const isLooking = clock.now() < this.lookUntil;
        // A poke, or the end of a post. The timer ends as well, because it would keep the object in memory.
        const longest = again === "soon" ? waitMs : isLooking ? lookMs : claimAllMs;
        const isSignalled = await endsWithin(this.signal.promise, longest);
        waitMs = isSignalled ? lookMs : Math.min(2 * waitMs, lookMsMax);
        if (this.underWay >= gatherFrom) await pause(gatherMs);
      }
    }

    /** Records, fans out and claims once. @returns when to look for entries again; null after a poke. */
    async step(): Promise<"now" | "soon" | null> {
      await this.record();
      const again = this.mayHaveEntries ? await this.fanOut() : null;
      await this.claim();
      // Only an alarm, a change or an earlier part may have left a task.
      if (this.mayHaveTask) {
        const task = await this.advanceTask();
        this.mayHaveTask = task !== null;
        if (task !== null) {
          this.due.add(task.hook);
          return "now";
        }
      }
      return again;
    }

    async fanOut(): Promise<"now" | "soon" | null> {
      // A poke during the read asks for another one.
      this.mayHaveEntries = this.deps.clock.now() < this.lookUntil;
      const told = await fanOut(this.deps, this.known).catch((error) => {
        this.mayHaveEntries = true;
        throw error;
      });
      this.known = told.known;
      void this.announce(told.known.hooks.length > 0);
      for (const hook of told.hooks) this.due.add(hook);
      if (told.again !== null) this.mayHaveEntries = true;
      return told.again;
    }

    /** A rejected task holds up nothing else. The next alarm tries it again. */
    async advanceTask(): Promise<{ hook: string } | null> {
      const { dispatch, log, redeliveries } = this.deps;
      try {
        return await redeliveries.advance(taskPartMax);
      } catch (error) {
        if (!dispatch.refuses(error)) throw error;
        log.error("a task made no progress", { error });
        return null;
      }
    }

    /** Results are kept if Postgres is down. A result that it rejects is left out: the lease ends, and the delivery is made again. */
    async record(): Promise<void> {
      const { dispatch, log } = this.deps;
      const results = this.results.splice(0);
      if (results.length === 0) return;
      try {
        await splitOnRefusal(
          results,
          async (some) => {
            await dispatch.record(some);
            return [];
          },
          dispatch.refuses,
          ({ id, hook }, error) => {
            log.error("a try could not be recorded", { delivery: id, hook, error });
            return [];
          },
        );
      } catch (error) {
        this.results.unshift(...results);
        throw error;
      }
      for (const { hook, verdict } of results) {
        this.due.add(hook);
        // The record may have written that a hook fails, or no longer does.
        if (verdict.is !== "delivered" || this.failing.has(hook)) this.mayHaveEntries = true;
        if (verdict.is === "delivered") this.failing.delete(hook);
        else this.failing.add(hook);
      }
    }

    /** Repeated until the notary knows it: without it no isolate would poke. */
    async announce(hasHooks: boolean): Promise<void> {
      const { announce, clock, log } = this.deps;
      if (this.announced === hasHooks || clock.now() < this.announceAt) return;
      this.announceAt = clock.now() + announceMs;
      try {
        await withinDeadline(announce(hasHooks), announceMs);
        this.announced = hasHooks;
        this.announceAt = 0;
      } catch (error) {
        log.warn("hooks not announced", { error });
      }
    }

    /** Claims until nothing is due, or there is no more room. */
    async claim(): Promise<void> {
      const now = this.deps.clock.now();
      if (now >= this.claimAllAt) {
        this.due.all();
        this.claimAllAt = now + claimAllMs;
      }
      while (!this.due.isEmpty()) {
        const room = this.charactersUnderWay < charactersUnderWayMax ? underWayMax - this.underWay : 0;
        if (room <= 0) return;
        const asked = this.due.take();
        const limit = Math.min(claimedMax, room);
        const claimed = await this.deps.dispatch.claim(asked, limit).catch((error) => {
          this.due.all();
          throw error;
        });
        // The hooks that were asked come last.
        const again = asked ?? (this.known?.hooks ?? []).map(({ id }) => id);
        if (isFull(claimed, limit)) for (const hook of again) this.due.add(hook);
        for (const together of posts(claimed)) void this.post(together);
      }
    }

    async post(together: readonly ClaimedDelivery[]): Promise<void> {
      const { log, notifiers, random } = this.deps;
      const characters = charactersOf(together);
      this.underWay += together.length;
      this.charactersUnderWay += characters;
      try {
        const posted: Posted = await withinDeadline(notifiers.post(together), notifierMs);
        const drawn = random(); // One for all: those of one message are tried again together.
        for (const { id, hook, tries, recorded } of together)
          this.results.push({ id, hook, recorded, posted, verdict: verdictOn(posted, tries + 1, drawn) });
      } catch (error) {
        // This says nothing about the receiver. The lease ends, and the delivery is made again under its id.
        log.warn("a notifier did not answer", { hook: together[0]?.hook, error });
      } finally {
        this.underWay -= together.length;
        this.charactersUnderWay -= characters;
        this.signal.resolve();
      }
    }
  };
}
