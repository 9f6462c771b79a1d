/**
 * The line: one object per line. Postgres decides which call is dialled (the claim). The object keeps at most four
 * POSTs in flight, records results in batches and wakes itself for the next due call.
 *
 * A second instance, or a kill at any instant, is harmless: a claim is committed before its POST, and the journal on
 * the object's own disk says which claims have begun. When the object starts again, claims that have not begun are
 * given back. A claim that began and has no answer becomes unknown when its lease ends.
 */
import { DurableObject } from "cloudflare:workers";
import { reportsPerBatchMax, reportsWaitingMax, waitingBytesMax } from "../../domain/limits.ts";
import { endsWithin } from "../../platform/deadline.ts";
import { type Group, GroupFull, groupCommit } from "../../platform/group-commit.ts";
import { randomId } from "../../platform/hashes.ts";
import type { Halted } from "../../ports/calling/line-objects.ts";
import type { OutcomeReport } from "../../ports/calling/outcome-reports.ts";
import { type AlarmLimits, objectAlarm } from "../alarm.ts";
import { claimJournal } from "./claim-journal.ts";
import { type Dialler, type DiallerDeps, dialler } from "./dialler.ts";
import type { LineHost } from "./host.ts";
import { reportQueue } from "./report-queue.ts";
import { type LineUpkeep, type LineUpkeepDeps, lineUpkeep } from "./upkeep.ts";

/** Time that a webhook waits for others, so that they are written to disk together. */
const reportsWriteLingerMs = 5;

/** The dependencies that the wiring gives a line. */
export type LineDeps = LineUpkeepDeps & Omit<DiallerDeps, "journal">;

/** The line's methods as other objects and Workers call them. */
export type LineRpc = {
  poke(slug: string): Promise<void>;
  halt(slug: string): Promise<Halted>;
  /** @returns `stops`: its claims honour the rows of `stops`. Objects of earlier versions return nothing. */
  recheck(slug: string): Promise<"stops">;
  news(slug: string, reports: OutcomeReport[]): Promise<boolean>;
};

/** Time after which an alarm's run hands over to the next alarm. */
const alarmRunMs = 50_000;
/** Time of the alarm for stored reports, in case this instance ends before it processes them. */
const reportsAlarmMs = 5_000;
/** A floor: a due call that cannot be claimed must not be retried in a tight loop. */
const alarmLimits: AlarmLimits = { floorMs: 250, lateMs: 30_000 };

const slugKey = "slug";

/** @param wire makes an object's dependencies from its environment */
export function lineObject(wire: (env: unknown) => LineDeps) {
  return class Line extends DurableObject implements LineRpc {
    readonly deps = wire(this.env);
    slug = this.ctx.storage.kv.get<string>(slugKey) ?? "";
    readonly nextAlarm = objectAlarm(this.ctx.storage, this.deps.clock, alarmLimits);
    readonly host: LineHost = {
      slug: () => this.slug,
      nextAlarm: this.nextAlarm,
      waitUntil: (work) => this.ctx.waitUntil(work),
    };
    readonly journal = claimJournal(this.ctx.storage, { now: this.deps.clock.now, randomId, log: this.deps.log });
    readonly reports = reportQueue(this.ctx.storage.sql);
    readonly upkeep: LineUpkeep = lineUpkeep(this.deps, this.host, this.reports, () => this.dialler.wake());
    readonly dialler: Dialler = dialler(
      { ...this.deps, journal: this.journal },
      this.host,
      this.ctx.storage.kv,
      this.upkeep,
    );
    /** Webhooks that arrive together share one write to disk. */
    readonly reportWrites: Group<readonly OutcomeReport[], boolean> = groupCommit((batch) => this.storeReports(batch), {
      weightMax: waitingBytesMax,
      itemsMax: reportsPerBatchMax,
      waitingMax: reportsWaitingMax,
      waitingWeightMax: waitingBytesMax,
      lingerMs: reportsWriteLingerMs,
    });

    async poke(slug: string): Promise<void> {
      this.storeSlug(slug);
      this.dialler.wake();
      this.upkeep.settleDue();
    }

    async halt(slug: string): Promise<Halted> {
      this.storeSlug(slug);
      return this.dialler.halt();
    }

    async recheck(slug: string): Promise<"stops"> {
      this.storeSlug(slug);
      await this.dialler.recheck();
      return "stops";
    }

    /** Stores outcome reports and sets an alarm before it resolves, so that an acknowledged webhook survives a kill. */
    async news(slug: string, reports: OutcomeReport[]): Promise<boolean> {
      this.storeSlug(slug);
      const weight = reports.reduce((sum, { body }) => sum + body.length, 0);
      const stored = this.reportWrites.add(reports, weight).catch((error) => {
        if (error instanceof GroupFull) return false;
        throw error;
      });
      if (!(await stored)) return false;
      await this.nextAlarm.arm(this.deps.clock.now() + reportsAlarmMs);
      this.upkeep.settleDue();
      return true;
    }

    override async alarm(): Promise<void> {
      this.nextAlarm.fired();
      if (this.slug === "") return;
      try {
        this.upkeep.runSoon();
        this.dialler.wake();
        this.upkeep.settleDue();
        await endsWithin(Promise.all([this.dialler.running(), this.upkeep.idle()]), alarmRunMs);
      } finally {
        if (this.dialler.running() !== null) await this.nextAlarm.arm(this.deps.clock.now() + alarmRunMs);
      }
    }

    async storeReports(batch: readonly (readonly OutcomeReport[])[]): Promise<boolean[]> {
      const now = this.deps.clock.now();
      const stored = batch.map((reports) => this.reports.add(reports, now));
      await this.ctx.storage.sync();
      return stored;
    }

    /** Stores the first caller's name, because an alarm has none. */
    storeSlug(slug: string): void {
      if (this.slug === slug) return;
      this.slug = slug;
      this.ctx.storage.kv.put(slugKey, slug);
    }
  };
}
