/**
 * The line: one object per line; alarm, semaphore and dialler. Postgres decides what is dialled (the claim); this shell only keeps at
 * most four POSTs in flight, records answers in batches and wakes itself for the next due call.
 *
 * Two instances of it, or a kill at any instant, are harmless: a claim is committed before its POST, and the journal on the object's
 * own disk says which of them were begun. What was not goes back when the object starts again; what was, and has no answer, becomes
 * unknown when its lease ends.
 */
import { DurableObject } from "cloudflare:workers";
import { type LineEffect, type NotBegun, notBegun } from "../../domain/calls/dial.ts";
import {
  callsPerClaimMax,
  claimAheadMs,
  leaseMs,
  leaseReserveMs,
  postsAtOnceMax,
  reportsLingerMs,
  reportsPerBatchMax,
  reportsWaitingMax,
  reportsWriteLingerMs,
  waitingBytesMax,
} from "../../domain/limits.ts";
import { applyEffect, claimDue, dial } from "../../flows/calling/dial.ts";
import { settleReports } from "../../flows/calling/outcome-reports.ts";
import { postponeClosed } from "../../flows/calling/postpone.ts";
import { reconcile } from "../../flows/calling/reconcile.ts";
import { recover } from "../../flows/calling/recover.ts";
import { probePaused } from "../../flows/calling/resume.ts";
import { pollOpen } from "../../flows/calling/settle.ts";
import { type Group, GroupFull, groupCommit } from "../../platform/group-commit.ts";
import { randomId } from "../../platform/hashes.ts";
import type { Log } from "../../platform/log.ts";
import type { ClaimRef } from "../../ports/calling/journal.ts";
import type { CallStore, ClaimedCall, DialResult, Halted, LinePoke, OutcomeReport } from "../../ports/calling/line.ts";
import type { Voice } from "../../ports/calling/voice.ts";
import type { Clock } from "../../ports/runtime.ts";
import { type AlarmLimits, objectAlarm } from "../alarm.ts";
import { claimJournal } from "./claim-journal.ts";
import { dialResults } from "./dial-results.ts";
import { probes } from "./probes.ts";
import { reportQueue } from "./report-queue.ts";

/** What the wiring gives a line. */
export type LineDeps = { clock: Clock; calls: CallStore; voice: Voice; log: Log };

/** What it is like to call a line from elsewhere. */
export type LineRpc = {
  poke(slug: string): Promise<void>;
  halt(slug: string): Promise<Halted>;
  news(slug: string, reports: OutcomeReport[]): Promise<boolean>;
};

/** A claimed call with the end of its lease by our clock, and how often the line had been stopped when its claim began. */
type Held = { readonly call: ClaimedCall; readonly leaseEndsAt: number; readonly stops: number };

/** How long an alarm's run may take before it hands over to the next alarm. */
const alarmRunMs = 50_000;
/** Pause after something failed that should not have. */
const failurePauseMs = 5_000;
/** A floor: a call that is due and cannot be claimed must not be tried again in a circle. */
const alarmLimits: AlarmLimits = { floorMs: 250, lateMs: 30_000 };
/** How often a busy line looks after its waiting and placed calls beside its alarms. */
const tidyEveryMs = 30_000;
/** How often a line looks for claims that an earlier instance, or a lost answer of Postgres, has left. */
const recoverEveryMs = 30_000;
/** What a POST is thought to take before the first was measured. */
const dialGuessMs = 500;

const slugKey = "slug";
const seqKey = "seq";

/** @param wire makes an object's dependencies from its environment */
export function lineObject(wire: (env: unknown) => LineDeps) {
  return class Line extends DurableObject implements LineRpc {
    readonly deps = wire(this.env);
    readonly journal = claimJournal(this.ctx.storage, { now: this.deps.clock.now, randomId, log: this.deps.log });
    readonly ports = { ...this.deps, journal: this.journal, voice: this.counted(this.deps.voice) };
    readonly answers = dialResults(
      this.ports,
      () => this.slug,
      (results) => this.recorded(results),
    );
    readonly probes = probes();
    slug = this.ctx.storage.kv.get<string>(slugKey) ?? "";
    seq: number | null = this.ctx.storage.kv.get<number>(seqKey) ?? null;
    queue: Held[] = [];
    posting = 0;
    halting = 0;
    /** How often the line was stopped, and why the last time: what was claimed before is not begun. */
    stops = 0;
    stoppedBy: NotBegun = "line_paused";
    /** Calls that are being marked as begun, and those whose POST is on its way. */
    readonly beginning = new Set<string>();
    readonly inFlight = new Set<string>();
    recoveredAt = Number.NEGATIVE_INFINITY;
    /** Somebody said, or we have reason to think, that something is due. */
    wanted = false;
    running: Promise<void> | null = null;
    stir: () => void = () => {};
    dialMs = dialGuessMs;
    readonly nextAlarm = objectAlarm(this.ctx.storage, this.deps.clock, alarmLimits);
    tidiedAt = 0;
    tidying = false;
    reading: Promise<void> = Promise.resolve();
    readonly newsWaiting = reportQueue(this.ctx.storage.sql);
    /** Webhooks that come together are written together: the disk is waited for once. */
    readonly told: Group<readonly OutcomeReport[], boolean> = groupCommit((batch) => this.keepNews(batch), {
      weightMax: waitingBytesMax,
      itemsMax: reportsPerBatchMax,
      waitingMax: reportsWaitingMax,
      waitingWeightMax: waitingBytesMax,
      lingerMs: reportsWriteLingerMs,
    });
    settling = false;

    async poke(slug: string): Promise<void> {
      this.named(slug);
      this.wake();
      this.settleNews();
    }

    /** Begins nothing more of what is claimed. Postgres was told of the pause before, so nothing is claimed either. */
    async halt(slug: string): Promise<Halted> {
      this.named(slug);
      const inFlight = this.inFlight.size;
      const givenBack = this.queue.length + this.beginning.size;
      this.letGo("line_paused");
      this.answers.flush();
      return { givenBack, inFlight };
    }

    /** Kept in the object's storage before this resolves, with an alarm: what was acknowledged outlives a kill. */
    async news(slug: string, reports: OutcomeReport[]): Promise<boolean> {
      this.named(slug);
      const weight = reports.reduce((sum, { body }) => sum + body.length, 0);
      const kept = this.told.add(reports, weight).catch((error) => {
        if (error instanceof GroupFull) return false;
        throw error;
      });
      if (!(await kept)) return false;
      const now = this.deps.clock.now();
      await this.nextAlarm.arm(now + failurePauseMs);
      this.settleNews();
      return true;
    }

    async keepNews(batch: readonly (readonly OutcomeReport[])[]): Promise<boolean[]> {
      const now = this.deps.clock.now();
      const taken = batch.map((reports) => this.newsWaiting.add(reports, now));
      await this.ctx.storage.sync();
      return taken;
    }

    override async alarm(): Promise<void> {
      this.nextAlarm.fired();
      if (this.slug === "") return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      try {
        this.tidiedAt = 0;
        this.wake();
        this.settleNews();
        const late = new Promise((resolve) => {
          timer = setTimeout(resolve, alarmRunMs);
        });
        await Promise.race([Promise.all([this.running, this.reading]), late]);
      } finally {
        clearTimeout(timer);
        if (this.running !== null) await this.nextAlarm.arm(this.deps.clock.now() + alarmRunMs);
      }
    }

    wake(): void {
      this.wanted = true;
      this.stir();
      if (this.running !== null) return;
      this.running = this.run().finally(() => {
        this.running = null;
        if (this.wanted) this.wake();
      });
      this.ctx.waitUntil(this.running);
    }

    /** Claims, dials and tidies until nothing is left to do now. Never throws. */
    async run(): Promise<void> {
      try {
        await this.pump();
      } catch (error) {
        this.wanted = false;
        // A claim whose answer was lost may stand all the same.
        this.recoveredAt = Number.NEGATIVE_INFINITY;
        this.deps.log.error("line stopped for a moment", { line: this.slug, error });
        await this.nextAlarm.arm(this.deps.clock.now() + failurePauseMs);
      }
    }

    /** What an alarm or the sweep comes for. Beside dialling: a slow answer to a question must not hold up a call. */
    tidy(): void {
      if (this.tidying || this.deps.clock.now() - this.tidiedAt < tidyEveryMs) return;
      this.tidying = true;
      this.read(async () => {
        try {
          await postponeClosed(this.deps, this.slug);
          // Before the poll: what is found may have ended long since, and its outcome is then read at once.
          if (await reconcile(this.deps, this.slug)) this.wake();
          this.settled(await pollOpen(this.deps, this.slug));
        } finally {
          this.tidying = false;
          this.tidiedAt = this.deps.clock.now();
        }
      });
    }

    /** One question to Mihu at a time: an object has six connections, and four of them are for calls. */
    read(job: () => Promise<void>): void {
      this.reading = this.reading
        .then(job)
        .catch((error) => this.deps.log.warn("upkeep failed", { line: this.slug, error }));
      this.ctx.waitUntil(this.reading);
    }

    async pump(): Promise<void> {
      for (;;) {
        // Here and not once before: a line that has much to dial would not come to it for as long as that lasts.
        this.tidy();
        await this.recover();
        const mayClaim = this.queue.length === 0 && this.posting < postsAtOnceMax && this.halting === 0;
        if (mayClaim && this.wanted) await this.claim();
        while (this.posting < postsAtOnceMax && this.queue.length > 0) this.post(this.queue.shift());
        if (this.posting === 0 && this.queue.length === 0 && !this.wanted) return;
        if (
          this.posting > 0 &&
          (this.queue.length > 0 || !this.wanted || this.posting === postsAtOnceMax || this.halting > 0)
        )
          await new Promise<void>((resolve) => {
            this.stir = resolve;
          });
      }
    }

    /** In turn with the claims: what one of them has just committed is nobody's leavings. */
    async recover(): Promise<void> {
      const now = this.deps.clock.now();
      if (now - this.recoveredAt < recoverEveryMs) return;
      const left = await recover(this.ports, this.slug, this.answers.holds);
      this.recoveredAt = now;
      if (left.length > 0) this.deps.log.warn("claims of an earlier instance", { line: this.slug, calls: left.length });
      for (const result of left) this.answers.keep(result);
    }

    async claim(): Promise<void> {
      this.wanted = false;
      const { stops } = this;
      // Our clock before the statement: the lease that Postgres gives cannot end before this.
      const leaseEndsAt = this.deps.clock.now() + leaseMs;
      const ahead = Math.floor((postsAtOnceMax * claimAheadMs) / this.dialMs);
      const max = Math.min(callsPerClaimMax, Math.max(postsAtOnceMax - this.posting, ahead));
      const claim = await claimDue(this.ports, this.slug, this.seq, max);
      if (!claim.missing) this.remember(claim.seq);
      this.answers.hold(claim.calls.map(claimOf));
      this.queue.push(...claim.calls.map((call) => ({ call, leaseEndsAt, stops })));
      // It was stopped while Postgres answered.
      if (stops !== this.stops) this.letGo(this.stoppedBy);
      if (claim.calls.length > 0) {
        this.wanted = true;
        // Should this instance end here: the next one looks for what it left. No call waits for the alarm to be set.
        this.ctx.waitUntil(
          this.nextAlarm
            .arm(leaseEndsAt - leaseReserveMs)
            .catch((error) => this.deps.log.warn("alarm not set", { line: this.slug, error })),
        );
      } else {
        if (claim.paused) await this.probe();
        if (claim.nextAt !== null) await this.nextAlarm.arm(claim.nextAt);
      }
    }

    post(held: Held | undefined): void {
      if (held === undefined) return;
      this.posting++;
      this.beginning.add(held.call.id);
      const began = this.deps.clock.now();
      this.ctx.waitUntil(
        dial(this.ports, held.call, held.leaseEndsAt, () => (held.stops === this.stops ? null : this.stoppedBy))
          .then(async ({ result, effect }) => {
            this.dialMs = (this.dialMs + Math.max(1, this.deps.clock.now() - began)) / 2;
            if (effect.kind !== "none") await this.obey(effect);
            this.answers.keep(result);
          })
          .catch((error) => {
            // Not known to have an answer, nor to have been begun: the journal says which.
            this.answers.drop(claimOf(held.call));
            this.deps.log.error("dial failed", { line: this.slug, call: held.call.id, error });
          })
          .finally(() => {
            this.posting--;
            this.beginning.delete(held.call.id);
            if (this.posting === 0 && this.queue.length === 0) this.answers.flush();
            this.stir();
          }),
      );
    }

    /** The whole line pauses or waits: nothing is begun or claimed until Postgres knows. */
    async obey(effect: LineEffect): Promise<void> {
      this.halting++;
      if (effect.kind === "pause") this.probes.paused(this.deps.clock.now());
      this.letGo(effect.kind === "pause" ? "line_paused" : "rate_limited");
      try {
        await applyEffect(this.ports, this.slug, effect);
      } catch (error) {
        // The next answer says the same again; this call's own answer must be recorded all the same.
        this.deps.log.error("line not halted", { line: this.slug, effect: effect.kind, error });
      } finally {
        this.halting--;
      }
    }

    /** Gives back what was claimed and not begun. */
    letGo(reason: NotBegun): void {
      this.stops++;
      this.stoppedBy = reason;
      const queue = this.queue;
      this.queue = [];
      for (const { call } of queue) this.answers.keep({ ...claimOf(call), ...notBegun(reason) });
    }

    recorded(results: readonly DialResult[]): void {
      // A call that went back is due again; of one that became unknown the alarm must know when it is looked up.
      if (results.some(({ status }) => status === "queued" || status === "unknown")) this.wake();
      this.hearOf(results);
    }

    async probe(): Promise<void> {
      const { clock } = this.deps;
      if (!this.probes.due(clock.now()) || !(await probePaused(this.deps, this.slug))) return;
      this.probes.resumed(clock.now());
      this.wanted = true;
    }

    settleNews(): void {
      const nextAt = this.settling ? null : this.newsWaiting.nextAt();
      if (nextAt === null || this.slug === "") return;
      if (nextAt > this.deps.clock.now()) {
        this.ctx.waitUntil(this.nextAlarm.arm(nextAt));
        return;
      }
      this.settling = true;
      this.read(async () => {
        let failed = true;
        try {
          // Where there is little, more may be on its way, and costs no more.
          if (this.newsWaiting.size() < reportsPerBatchMax)
            await new Promise((resolve) => setTimeout(resolve, reportsLingerMs));
          this.settled(await settleReports({ ...this.deps, news: this.newsWaiting }, this.slug));
          failed = false;
        } finally {
          this.settling = false;
          if (failed) await this.nextAlarm.arm(this.deps.clock.now() + failurePauseMs);
          else this.settleNews();
        }
      });
    }

    /** Mihu may have told of these calls before its answers to their POSTs were recorded. */
    hearOf(results: readonly DialResult[]): void {
      const uuids = results.flatMap((result) => (result.status === "placed" ? (result.conversationUuid ?? []) : []));
      if (uuids.length === 0 || this.newsWaiting.size() === 0) return;
      this.newsWaiting.hurry(uuids, this.deps.clock.now());
      this.settleNews();
    }

    settled(pokes: readonly LinePoke[]): void {
      if (pokes.length > 0) this.wake();
    }

    /** The voice, with what is on its way counted. */
    counted(voice: Voice): Voice {
      return {
        ...voice,
        place: async (call) => {
          this.beginning.delete(call.id);
          this.inFlight.add(call.id);
          try {
            return await voice.place(call);
          } finally {
            this.inFlight.delete(call.id);
          }
        },
      };
    }

    named(slug: string): void {
      if (this.slug === slug) return;
      this.slug = slug;
      this.ctx.storage.kv.put(slugKey, slug);
    }

    remember(seq: number): void {
      if (this.seq === seq) return;
      this.seq = seq;
      this.ctx.storage.kv.put(seqKey, seq);
    }
  };
}

function claimOf({ id, claimSeq }: ClaimedCall): ClaimRef {
  return { callId: id, claimSeq };
}
