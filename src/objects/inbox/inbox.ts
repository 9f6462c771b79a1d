/**
 * The inbox: one object per source and shard. It exists for group commit: an object may keep its connection to
 * Postgres, and events that wait while a commit is in flight share the next one. It also has a copy of its source, so
 * that signatures can be verified while Postgres is down.
 *
 * It answers only after the commit. While Postgres is down, it answers once the object's own disk has the events; an
 * alarm drains them in order later.
 *
 * It may be killed at any instant. Events on its disk are drained by its alarm, which is set again when the object
 * starts. An event without a plan is found by the sweep.
 */
import { DurableObject } from "cloudflare:workers";
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import { knowsColumns, type PreparedEvents } from "../../domain/events/prepared.ts";
import { inboxAlarmMs, probePauseMinMs, spillBytesMax, spillEventsMax } from "../../domain/limits.ts";
import { untilKnown } from "../../flows/config/until-known.ts";
import { pause } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { LineObjects } from "../../ports/calling/line-objects.ts";
import type { NameDirectory } from "../../ports/ingest/directory.ts";
import type { EventStore } from "../../ports/ingest/events.ts";
import type { AcceptAnswer, Captured } from "../../ports/ingest/inboxes.ts";
import type { NotSent, Rejection, RejectionStore } from "../../ports/ingest/rejections.ts";
import type { SealedSecret, SourceStore } from "../../ports/ingest/sources.ts";
import type { SpillCount, SpillDirectory, SpillSize } from "../../ports/ingest/spill.ts";
import type { PlanStore } from "../../ports/planning/plans.ts";
import type { FetchQueue, Records } from "../../ports/planning/records.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { type AlarmLimits, objectAlarm } from "../alarm.ts";
import { acceptAnswerOf, type CommitRequest, type CommitResult, inboxCommits, weightOfRequest } from "./commits.ts";
import { drainer } from "./drainer.ts";
import { failureLog, type InboxHost } from "./host.ts";
import { inboxName } from "./name.ts";
import { planner } from "./planner.ts";
import { rejectionBuffer } from "./rejection-buffer.ts";
import { inboxSourceCopy } from "./source-copy.ts";
import { openSpill, type SpillLimits } from "./spill.ts";
import { storedSpills } from "./stored-spills.ts";
import { inboxUpkeep } from "./upkeep.ts";

/** Largest event of the spill. A row of an object's SQLite may have 2 MB. */
const spillRowBytesMax = 1_900_000;

/** The dependencies that the wiring gives an inbox. */
export type InboxDeps = {
  clock: Clock;
  events: EventStore & PlanStore & FetchQueue;
  sources: SourceStore;
  rejections: RejectionStore;
  lines: LineObjects;
  records: Records;
  spills: SpillDirectory;
  names: Pick<NameDirectory, "add">;
  log: Log;
  /** Smaller limits than the service's, for tests. */
  spillLimits?: SpillLimits;
};

/** The inbox's methods as Workers and other objects call them. Slug and shard are arguments: an object does not know its own name. */
export type InboxRpc = {
  /**
   * @param asks The caller asks for the current source before it rejects anything. A Worker of an earlier version does
   *   not say so.
   */
  describe(slug: string, asks?: true): Promise<SourceCopy | null>;
  /** An object of an earlier version has no such method. */
  acceptPrepared(slug: string, events: PreparedEvents, shard: number): Promise<PreparedAnswer>;
  accept(slug: string, events: NewEvent[], waitForPlan: boolean, shard?: number): Promise<AcceptAnswer>;
  reject(slug: string, rejection: Rejection): Promise<void>;
  /**
   * Rejections of one isolate, and the number of those that it did not send. An object of an older version lacks this
   * method.
   */
  rejectMany(slug: string, rejections: Rejection[], notSent: NotSent): Promise<void>;
  capture(slug: string, secret: SealedSecret): Promise<Captured>;
  /** @returns `"same"` if the source has this version, otherwise the source; null if it does not exist. */
  current(slug: string, version: number): Promise<SourceCopy | "same" | null>;
  /** @param asks As for `describe`. An object of an earlier version returns nothing. */
  refresh(slug: string, asks?: true): Promise<Refreshed>;
  poke(slug: string): Promise<void>;
  /** The size of this inbox's spill. */
  spilled(slug: string, shard: number): Promise<SpillSize>;
  /** The directory of spills, which the inbox of the built-in source has for all inboxes. */
  noteSpill(count: SpillCount): Promise<void>;
  spills(): Promise<SpillCount[]>;
};

/**
 * `"all_new"`: every event was accepted and is new. `"other_columns"`: nothing was accepted, because another version of
 * the code prepared them. They must be sent unprepared.
 */
type PreparedAnswer = AcceptAnswer | "all_new" | "other_columns";

/**
 * Result once the inbox has a change. `olderCopiesMs`: time for which Workers of an earlier version may use older
 * copies.
 */
type Refreshed = { readonly olderCopiesMs: number | null };

/** No floor: a failed drain pauses by itself, and one that ran out of time continues at once. */
const alarmLimits: AlarmLimits = { floorMs: 0, lateMs: 30_000 };

const spillLimits: SpillLimits = {
  eventsMax: spillEventsMax,
  bytesMax: spillBytesMax,
  rowBytesMax: spillRowBytesMax,
};

/** @param wire makes an object's dependencies from its environment */
export function inboxObject(wire: (env: unknown) => InboxDeps) {
  return class Inbox extends DurableObject implements InboxRpc {
    readonly deps = wire(this.env);
    readonly waitUntil = (work: Promise<unknown>) => this.ctx.waitUntil(work);
    readonly copy = inboxSourceCopy(this.deps, this.ctx.storage.kv, this.waitUntil);
    readonly name = inboxName(this.ctx.storage.kv, () => this.copy.isKnown());
    readonly nextAlarm = objectAlarm(this.ctx.storage, this.deps.clock, alarmLimits);
    readonly host: InboxHost = {
      name: this.name,
      arm: (at) => this.arm(at),
      waitUntil: this.waitUntil,
      logFailure: failureLog(this.deps, this.name.slug),
    };
    readonly planner = planner(this.deps, {
      reload: (slug) => this.copy.reload(slug),
      waitUntil: this.waitUntil,
      planLater: () => this.arm(this.deps.clock.now() + probePauseMinMs),
      wakeIn: (ms) => {
        this.name.store();
        this.arm(this.deps.clock.now() + ms);
      },
    });
    readonly spill = openSpill(this.ctx.storage, this.deps.spillLimits ?? spillLimits);
    readonly drainer = drainer(this.deps, this.spill, this.planner);
    readonly upkeep = inboxUpkeep(
      {
        ...this.deps,
        nextAlarm: this.nextAlarm,
        spill: this.spill,
        drainer: this.drainer,
        planner: this.planner,
      },
      this.host,
    );
    readonly commits = inboxCommits(
      {
        ...this.deps,
        disk: this.ctx.storage,
        spill: this.spill,
        planner: this.planner,
        upkeep: this.upkeep,
      },
      this.host,
    );
    readonly directory = storedSpills(this.ctx.storage.kv);
    readonly refused = rejectionBuffer(this.deps);

    constructor(ctx: DurableObjectState, env: unknown) {
      super(ctx, env);
      this.upkeep.begin();
    }

    async describe(slug: string, asks?: true): Promise<SourceCopy | null> {
      this.name.note(slug);
      const copy = await this.copy.describe(slug);
      if (copy !== null && asks !== true) this.copy.older.given();
      this.name.note(slug);
      return copy;
    }

    async current(slug: string, version: number): Promise<SourceCopy | "same" | null> {
      this.name.note(slug);
      const copy = await this.copy.current(slug);
      this.name.note(slug);
      return copy?.version === version ? "same" : copy;
    }

    async acceptPrepared(slug: string, events: PreparedEvents, shard: number): Promise<PreparedAnswer> {
      if (!knowsColumns(events)) return "other_columns";
      const result = await this.commit(slug, shard, events);
      return result.kind === "all_new" ? "all_new" : acceptAnswerOf(result, events);
    }

    async accept(slug: string, events: NewEvent[], waitForPlan: boolean, shard?: number): Promise<AcceptAnswer> {
      const result = await this.commit(slug, shard, events);
      if (result.kind === "committed" && waitForPlan) await this.planned(slug, result.acceptances);
      return acceptAnswerOf(result, events);
    }

    async commit(slug: string, shard: number | undefined, request: CommitRequest): Promise<CommitResult> {
      this.name.note(slug, shard);
      return await this.commits.add(request, weightOfRequest(request)).catch((error): CommitResult => {
        this.deps.log.error("events not accepted", { source: slug, error });
        return { kind: "full" };
      });
    }

    async reject(slug: string, rejection: Rejection): Promise<void> {
      this.name.note(slug);
      this.refused.add(slug, rejection);
    }

    async rejectMany(slug: string, rejections: Rejection[], notSent: NotSent): Promise<void> {
      this.name.note(slug);
      for (const one of rejections) this.refused.add(slug, one);
      this.refused.count(slug, notSent);
    }

    async capture(slug: string, secret: SealedSecret): Promise<Captured> {
      this.name.note(slug);
      try {
        // A sender that offers one secret after another does not reach Postgres.
        if ((await this.copy.describe(slug))?.secrets.length !== 0) return "taken";
        if (!(await this.deps.sources.capture(slug, secret))) return "taken";
      } catch (error) {
        if (!this.deps.events.isNotNow(error)) throw error;
        this.host.logFailure("a secret was not stored", error);
        return "away";
      }
      // The secret is stored even if the copy cannot be loaded. An outdated copy is loaded again on its next use.
      await this.copy.reload(slug).catch((error) => this.host.logFailure("source not refreshed", error));
      return "kept";
    }

    async refresh(slug: string, asks?: true): Promise<Refreshed> {
      this.name.note(slug);
      this.planner.forget();
      // The change may have corrected the cause of rejected events, or of a failing API.
      this.drainer.offerAgain();
      if (this.spill.aside() > 0 || this.planner.mayFetch()) this.arm(this.deps.clock.now());
      const copy = await this.copy.reload(slug);
      if (copy !== null && asks !== true) await this.tellName(slug);
      return { olderCopiesMs: this.copy.older.leftMs() };
    }

    async poke(slug: string): Promise<void> {
      this.name.note(slug);
      this.name.store();
      this.arm(this.deps.clock.now());
    }

    async spilled(slug: string, shard: number): Promise<SpillSize> {
      this.name.note(slug, shard);
      return this.upkeep.measure(slug);
    }

    async noteSpill(count: SpillCount): Promise<void> {
      this.directory.note(count);
    }

    async spills(): Promise<SpillCount[]> {
      return this.directory.list();
    }

    override async alarm(): Promise<void> {
      this.nextAlarm.fired();
      const slug = this.name.slug();
      if (slug !== null) await this.upkeep.run(slug);
    }

    /**
     * Waits until accepted events are planned, if Postgres is up. Unplanned events of another instance are planned
     * here.
     */
    async planned(slug: string, acceptances: readonly Acceptance[]): Promise<void> {
      try {
        if (acceptances.some(({ duplicate }) => duplicate))
          await this.planner.planLeft(slug, this.deps.clock.now() + inboxAlarmMs);
        else await this.planner.settled();
      } catch (error) {
        // The events are durable, so the answer is sent. The alarm plans them.
        this.deps.log.warn("accepted and not planned yet", { source: slug, error });
        this.arm(this.deps.clock.now() + probePauseMinMs);
      }
    }

    /**
     * A Worker of an earlier version may have just created the source without telling the directory. Its answer waits
     * until every Worker knows the name, because others would answer 404. Without the directory, the next sweep adds
     * the name.
     */
    async tellName(slug: string): Promise<void> {
      try {
        await untilKnown(await this.deps.names.add([slug]), pause);
      } catch (error) {
        this.deps.log.warn("the directory was not told of a source", { source: slug, error });
      }
    }

    arm(at: number): void {
      const armed = this.nextAlarm.arm(at);
      this.waitUntil(armed.catch((error) => this.deps.log.error("alarm not set", { source: this.name.slug(), error })));
    }
  };
}
