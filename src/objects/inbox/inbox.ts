/**
 * The inbox: one object per source and shard. It exists for group commit: an object may keep its connection to Postgres, and every
 * event that waits while one commit is under way goes into the next. It also keeps a copy of its source, so that signatures can be
 * verified while Postgres is away.
 *
 * It answers only after the commit, or, while Postgres is away, after the object's own disk has the events; an alarm then drains them
 * in order. While anything waits there, whatever comes goes behind it: so nobody waits for a Postgres that is known not to answer.
 *
 * It may be killed at any instant: what is on its disk is drained by its alarm, which is set anew when the object begins, and an event
 * whose plan was not written is found by the sweep.
 */
import { DurableObject } from "cloudflare:workers";
import type { Acceptance, NewEvent } from "../../domain/events/event.ts";
import {
  commitBytesMax,
  eventsPerCommitMax,
  eventsWaitingMax,
  inboxAlarmMs,
  probePauseMaxMs,
  probePauseMinMs,
  spillBytesMax,
  spillEventsMax,
  spillRowBytesMax,
  waitingBytesMax,
} from "../../domain/limits.ts";
import { splitOnRefusal } from "../../flows/split-on-refusal.ts";
import { type Group, groupCommit } from "../../platform/group-commit.ts";
import type { Log } from "../../platform/log.ts";
import type { LineObjects } from "../../ports/calling/line.ts";
import type {
  AcceptAnswer,
  Captured,
  EventStore,
  Rejection,
  RejectionStore,
  SealedSecret,
  SourceStore,
  SpillBook,
  SpillCount,
  SpillSize,
} from "../../ports/ingest/inbox.ts";
import type { Records } from "../../ports/planning/records.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { type AlarmLimits, objectAlarm } from "../alarm.ts";
import { drainer } from "./drainer.ts";
import { planner, weightOf } from "./planner.ts";
import { rejectionBuffer } from "./rejection-buffer.ts";
import { inboxSourceCopy } from "./source-copy.ts";
import { openSpill, type SpillLimits } from "./spill.ts";
import { spillBookPages } from "./spill-book.ts";

/** What the wiring gives an inbox. */
export type InboxDeps = {
  clock: Clock;
  events: EventStore;
  sources: SourceStore;
  rejections: RejectionStore;
  lines: LineObjects;
  records: Records;
  spills: SpillBook;
  log: Log;
  /** Where less is wanted than the limits of the service. */
  spillLimits?: SpillLimits;
};

/** What it is like to call an inbox from elsewhere. Slug and shard are arguments: an object does not know its own name. */
export type InboxRpc = {
  describe(slug: string): Promise<SourceCopy | null>;
  accept(slug: string, events: NewEvent[], waitForPlan: boolean, shard?: number): Promise<AcceptAnswer>;
  reject(slug: string, rejection: Rejection): Promise<void>;
  capture(slug: string, secret: SealedSecret): Promise<Captured>;
  refresh(slug: string): Promise<void>;
  poke(slug: string): Promise<void>;
  /** What waits here. */
  spilled(slug: string, shard: number): Promise<SpillSize>;
  /** The book of spills, which the inbox of the built-in source keeps for all. */
  noteSpill(count: SpillCount): Promise<void>;
  spills(): Promise<SpillCount[]>;
};

/** How the events of one request were kept, or why not. */
type Kept =
  | { readonly kind: "committed" | "spilled"; readonly acceptances: Acceptance[] }
  | { readonly kind: "refused" | "full" };

/** How long a sender is asked to wait when nothing can take its events. */
const retryAfterSeconds = 5;

/** No floor: a drain that failed pauses by itself, and one that ran out of its time goes on at once. */
const alarmLimits: AlarmLimits = { floorMs: 0, lateMs: 30_000 };

const slugKey = "slug";
const shardKey = "shard";

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
    readonly planner = planner(this.deps, {
      reload: (slug) => this.copy.reload(slug),
      waitUntil: this.waitUntil,
      again: () => this.arm(this.deps.clock.now() + probePauseMinMs),
      wakeIn: (ms) => {
        this.keepName();
        this.arm(this.deps.clock.now() + ms);
      },
    });
    readonly spill = openSpill(this.ctx.storage, this.deps.spillLimits ?? spillLimits);
    readonly drainer = drainer(this.deps, this.spill, this.planner);
    readonly book = spillBookPages(this.ctx.storage.kv);
    readonly refuse = rejectionBuffer(this.deps);
    readonly commits: Group<NewEvent[], Kept> = groupCommit((requests) => this.commit(requests), {
      weightMax: commitBytesMax,
      itemsMax: eventsPerCommitMax,
      waitingMax: eventsWaitingMax,
      waitingWeightMax: waitingBytesMax,
      lingerMs: 0,
    });
    slug = this.ctx.storage.kv.get<string>(slugKey) ?? null;
    shard = this.ctx.storage.kv.get<number>(shardKey) ?? 0;
    /** Whether the slug is in storage, for an alarm. */
    named = this.slug !== null;
    readonly nextAlarm = objectAlarm(this.ctx.storage, this.deps.clock, alarmLimits);
    /** An alarm is at work, and will set the next. */
    working = false;
    pauseMs = probePauseMinMs;

    constructor(ctx: DurableObjectState, env: unknown) {
      super(ctx, env);
      // An alarm that failed too often never comes again: whoever calls brings it back.
      if (this.holds()) this.arm(this.deps.clock.now());
    }

    async describe(slug: string): Promise<SourceCopy | null> {
      this.slug = slug;
      const copy = await this.copy.describe(slug);
      this.remember(slug);
      return copy;
    }

    async accept(slug: string, events: NewEvent[], waitForPlan: boolean, shard = this.shard): Promise<AcceptAnswer> {
      this.remember(slug, shard);
      const kept = await this.commits.add(events, weightOf(events)).catch((error): Kept => {
        this.deps.log.error("events not accepted", { source: slug, events: events.length, error });
        return { kind: "full" };
      });
      switch (kept.kind) {
        case "refused":
          return { ok: false, reason: "refused" };
        case "full":
          return { ok: false, reason: "away", retryAfterSeconds };
        case "spilled":
          return { ok: true, acceptances: kept.acceptances, spilled: true };
        case "committed":
          if (waitForPlan) await this.planned(slug, kept.acceptances);
          return { ok: true, acceptances: kept.acceptances };
      }
    }

    async reject(slug: string, rejection: Rejection): Promise<void> {
      this.remember(slug);
      this.refuse(slug, rejection);
    }

    async capture(slug: string, secret: SealedSecret): Promise<Captured> {
      this.remember(slug);
      try {
        // Whoever offers one after the other does not reach Postgres.
        if ((await this.copy.describe(slug))?.secrets.length !== 0) return "taken";
        if (!(await this.deps.sources.capture(slug, secret))) return "taken";
      } catch (error) {
        if (!this.deps.events.isNotNow(error)) throw error;
        this.log("a secret was not kept", error, {});
        return "away";
      }
      // It is kept, whatever becomes of the copy: an old one is looked after when it is asked for.
      await this.copy.reload(slug).catch((error) => this.log("source not refreshed", error, {}));
      return "kept";
    }

    async refresh(slug: string): Promise<void> {
      this.remember(slug);
      this.planner.forget();
      // Who changes a source may have mended what Postgres refused.
      this.drainer.offerAgain();
      // And what could not be fetched may be there to be had.
      if (this.spill.aside() > 0 || this.planner.mayFetch()) this.arm(this.deps.clock.now());
      await this.copy.reload(slug);
    }

    async poke(slug: string): Promise<void> {
      this.remember(slug);
      this.keepName();
      this.arm(this.deps.clock.now());
    }

    async spilled(slug: string, shard: number): Promise<SpillSize> {
      this.remember(slug, shard);
      if (this.holds() && !this.working) this.arm(this.deps.clock.now() + probePauseMaxMs);
      // Whoever asks has it from the book, which may not have heard of the end.
      if (!this.holds()) this.tellBook(slug);
      return this.spill.size();
    }

    async noteSpill(count: SpillCount): Promise<void> {
      this.book.note(count);
    }

    async spills(): Promise<SpillCount[]> {
      return this.book.list();
    }

    /** Drains the spill, plans what was left; then sets itself anew for whatever is still to do. Never throws for long. */
    override async alarm(): Promise<void> {
      this.nextAlarm.fired();
      const { slug } = this;
      if (slug === null) return;
      this.working = true;
      let done = false;
      let pauseMs = 0;
      let fetchMs: number | null = null;
      try {
        const untilMs = this.deps.clock.now() + inboxAlarmMs;
        done = await this.work(slug, untilMs);
        fetchMs = await this.planner.fetch(slug, untilMs);
        this.pauseMs = probePauseMinMs;
      } catch (error) {
        done = false;
        pauseMs = this.pauseMs;
        this.pauseMs = Math.min(2 * pauseMs, probePauseMaxMs);
        this.log("not drained or planned yet", error, { spilled: this.spill.waiting() });
      } finally {
        this.working = false;
        if (this.holds()) this.tellBook(slug);
        if (!done || this.spill.waiting() > 0) await this.nextAlarm.arm(this.deps.clock.now() + pauseMs);
        else if (this.spill.aside() > 0) await this.nextAlarm.arm(this.drainer.asideUntil());
        if (fetchMs !== null) await this.nextAlarm.arm(this.deps.clock.now() + fetchMs);
      }
    }

    /** @returns whether nothing was left without a plan */
    async work(slug: string, untilMs: number): Promise<boolean> {
      const held = this.holds();
      await this.drainer.run(slug, untilMs);
      if (held && !this.holds()) this.tellBook(slug);
      return await this.planner.left(slug, untilMs);
    }

    /** Commits requests together; whatever Postgres does not take, and does not refuse either, is kept on the object's own disk. */
    async commit(requests: readonly NewEvent[][]): Promise<Kept[]> {
      if (this.spill.waiting() > 0) return await this.keep(requests);
      try {
        return await splitOnRefusal<NewEvent[], Kept>(
          requests,
          (some) => this.commitTogether(some),
          (error) => this.deps.events.refuses(error),
          (_, error) => {
            this.deps.log.error("Postgres refuses a request's events", { source: this.slug, error });
            return [{ kind: "refused" }];
          },
        );
      } catch (error) {
        this.log("Postgres does not take events", error, { requests: requests.length });
        return await this.keep(requests);
      }
    }

    async commitTogether(requests: readonly NewEvent[][]): Promise<Kept[]> {
      const slug = this.slug ?? "";
      const events = requests.flat();
      const foresight = this.planner.foresee(slug, events);
      const committed = await this.deps.events.accept(slug, events, foresight);
      void this.planner.afterCommit(slug, events, committed, foresight);
      let from = 0;
      return requests.map(({ length }) => {
        const acceptances = committed.acceptances.slice(from, from + length);
        from += length;
        return { kind: "committed", acceptances };
      });
    }

    /** Keeps requests on the object's own disk. Whoever comes while it writes goes into the next write, as with Postgres. */
    async keep(requests: readonly NewEvent[][]): Promise<Kept[]> {
      const begins = this.spill.waiting() === 0;
      try {
        this.keepName();
        const answers = this.spill.take(requests, this.deps.clock.now());
        if (this.spill.waiting() > 0 && !this.working) this.arm(this.deps.clock.now() + this.pauseMs);
        if (begins && this.slug !== null) this.tellBook(this.slug);
        await this.ctx.storage.sync();
        return answers.map((acceptances) =>
          acceptances === null ? { kind: "full" } : { kind: "spilled", acceptances },
        );
      } catch (error) {
        this.deps.log.error("events not kept", { source: this.slug, requests: requests.length, error });
        return requests.map(() => ({ kind: "full" }));
      }
    }

    /** Waits until accepted events have their plan, if that can be had; what another instance left unplanned is planned here. */
    async planned(slug: string, acceptances: readonly Acceptance[]): Promise<void> {
      try {
        if (acceptances.some(({ duplicate }) => duplicate))
          await this.planner.left(slug, this.deps.clock.now() + inboxAlarmMs);
        else await this.planner.settled();
      } catch (error) {
        // They are durable, and that is what was asked; the alarm plans them.
        this.deps.log.warn("accepted and not planned yet", { source: slug, error });
        this.arm(this.deps.clock.now() + probePauseMinMs);
      }
    }

    /** That Postgres is away is no mistake of anybody's here. */
    log(message: string, error: unknown, fields: Record<string, number>): void {
      const level = this.deps.events.isAway(error) ? "warn" : "error";
      this.deps.log[level](message, { source: this.slug, ...fields, error });
    }

    holds(): boolean {
      return this.spill.waiting() + this.spill.aside() > 0;
    }

    tellBook(source: string): void {
      const told = this.deps.spills.note({ source, shard: this.shard, ...this.spill.size() });
      this.waitUntil(told.catch((error) => this.deps.log.warn("the book of spills not told", { source, error })));
    }

    arm(at: number): void {
      const set = this.nextAlarm.arm(at);
      this.waitUntil(set.catch((error) => this.deps.log.error("alarm not set", { source: this.slug, error })));
    }

    /** An alarm comes without a name, so the first caller's is kept. A source that does not exist leaves nothing behind. */
    remember(slug: string, shard = this.shard): void {
      this.slug = slug;
      if (shard !== this.shard) this.ctx.storage.kv.put(shardKey, shard);
      this.shard = shard;
      if (this.copy.isKnown()) this.keepName();
    }

    keepName(): void {
      if (this.named || this.slug === null) return;
      this.named = true;
      this.ctx.storage.kv.put(slugKey, this.slug);
    }
  };
}
