/**
 * The line: one object per line; alarm, semaphore and dialler. Postgres decides what is dialled (the claim); this shell only keeps at
 * most four POSTs in flight, records answers in batches and wakes itself for the next due call.
 *
 * Two instances of it, or a kill at any instant, are harmless: a claim is committed before its POST, and what nobody recorded is found
 * by the sweep when its lease ends.
 */
import { DurableObject } from "cloudflare:workers";
import { type LineEffect, notBegun } from "../domain/dial.ts";
import {
  callsPerClaimMax,
  claimAheadMs,
  leaseMs,
  postsAtOnceMax,
  recordLingerMs,
  recordsPerBatchMax,
} from "../domain/limits.ts";
import { applyEffect, claimDue, dial } from "../flows/dial.ts";
import { postponeClosed } from "../flows/hours.ts";
import { reconcile } from "../flows/reconcile.ts";
import { probePaused } from "../flows/resume.ts";
import { pollOpen, settleConversation } from "../flows/settle.ts";
import { type Group, groupCommit } from "../platform/group-commit.ts";
import type { Log } from "../platform/log.ts";
import type { CallStore, ClaimedCall, DialResult, LinePoke } from "../ports/line.ts";
import type { Clock } from "../ports/runtime.ts";
import type { Voice } from "../ports/voice.ts";

/** What the wiring gives a line. */
export type LineParts = { clock: Clock; calls: CallStore; voice: Voice; log: Log };

/** What it is like to call a line from elsewhere. */
export type LineRpc = {
  poke(slug: string): Promise<void>;
  news(slug: string, conversationUuids: string[]): Promise<void>;
};

/** A claimed call with the end of its lease by our clock. */
type Held = { readonly call: ClaimedCall; readonly leaseEndsAt: number };

/** Conversations with news that may wait; what does not fit is polled. */
const newsMax = 10_000;
/** Pauses between tries to record an answer that Postgres did not take. */
const recordPauseMs = 1_000;
/** How long an alarm's run may take before it hands over to the next alarm. */
const alarmRunMs = 50_000;
/** Pause after something failed that should not have. */
const failurePauseMs = 5_000;
/** How often Mihu is asked whether the cause of a pause is gone. */
const probeEveryMinMs = 30_000;
const probeEveryMaxMs = 900_000;
/** Conversations with news that are settled before anything else has its turn. */
const newsPerRunMax = 20;
/** The soonest that an alarm is set for. */
const alarmMinMs = 250;
/** How often a busy line looks after its waiting and placed calls beside its alarms. */
const tidyEveryMs = 30_000;
/** What a POST is thought to take before the first was measured. */
const dialGuessMs = 500;

const slugKey = "slug";
const seqKey = "seq";

/** @param wire makes an object's parts from its environment */
export function lineObject(wire: (env: unknown) => LineParts) {
  return class Line extends DurableObject implements LineRpc {
    readonly parts = wire(this.env);
    readonly records: Group<DialResult, undefined> = groupCommit((results) => this.record(results), {
      weightMax: recordsPerBatchMax,
      itemsMax: recordsPerBatchMax,
      // An answer must be recorded: there are no more of them than calls that were claimed.
      waitingMax: Number.POSITIVE_INFINITY,
      waitingWeightMax: Number.POSITIVE_INFINITY,
      lingerMs: recordLingerMs,
    });
    slug = this.ctx.storage.kv.get<string>(slugKey) ?? "";
    seq: number | null = this.ctx.storage.kv.get<number>(seqKey) ?? null;
    queue: Held[] = [];
    posting = 0;
    halting = 0;
    /** Somebody said, or we have reason to think, that something is due. */
    wanted = false;
    running: Promise<void> | null = null;
    stir: () => void = () => {};
    dialMs = dialGuessMs;
    probedAt = 0;
    alarmAt = Number.POSITIVE_INFINITY;
    tidiedAt = 0;
    tidying = false;
    reading: Promise<void> = Promise.resolve();
    probeEveryMs = probeEveryMinMs;
    resumedAt = 0;
    readonly newsWaiting = new Set<string>();
    settling = false;

    async poke(slug: string): Promise<void> {
      this.named(slug);
      this.wake();
    }

    async news(slug: string, conversationUuids: string[]): Promise<void> {
      this.named(slug);
      for (const uuid of conversationUuids) if (this.newsWaiting.size < newsMax) this.newsWaiting.add(uuid);
      this.settleNews();
    }

    override async alarm(): Promise<void> {
      this.alarmAt = Number.POSITIVE_INFINITY;
      if (this.slug === "") return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      try {
        this.tidiedAt = 0;
        this.wake();
        const late = new Promise((resolve) => {
          timer = setTimeout(resolve, alarmRunMs);
        });
        await Promise.race([Promise.all([this.running, this.reading]), late]);
      } finally {
        clearTimeout(timer);
        if (this.running !== null) await this.arm(this.parts.clock.now() + alarmRunMs);
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
        this.parts.log.error("line stopped for a moment", { line: this.slug, error });
        await this.arm(this.parts.clock.now() + failurePauseMs);
      }
    }

    /** What an alarm or the sweep comes for. Beside dialling: a slow answer to a question must not hold up a call. */
    tidy(): void {
      if (this.tidying || this.parts.clock.now() - this.tidiedAt < tidyEveryMs) return;
      this.tidying = true;
      this.read(async () => {
        try {
          await postponeClosed(this.parts, this.slug);
          // Before the poll: what is found may have ended long since, and its outcome is then read at once.
          if (await reconcile(this.parts, this.slug)) this.wake();
          this.settled(await pollOpen(this.parts, this.slug));
        } finally {
          this.tidying = false;
          this.tidiedAt = this.parts.clock.now();
        }
      });
    }

    /** One question to Mihu at a time: an object has six connections, and four of them are for calls. */
    read(job: () => Promise<void>): void {
      this.reading = this.reading
        .then(job)
        .catch((error) => this.parts.log.warn("upkeep failed", { line: this.slug, error }));
      this.ctx.waitUntil(this.reading);
    }

    async pump(): Promise<void> {
      for (;;) {
        // Here and not once before: a line that has much to dial would not come to it for as long as that lasts.
        this.tidy();
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

    async claim(): Promise<void> {
      this.wanted = false;
      // Our clock before the statement: the lease that Postgres gives cannot end before this.
      const leaseEndsAt = this.parts.clock.now() + leaseMs;
      const ahead = Math.floor((postsAtOnceMax * claimAheadMs) / this.dialMs);
      const max = Math.min(callsPerClaimMax, Math.max(postsAtOnceMax - this.posting, ahead));
      const claim = await claimDue(this.parts, this.slug, this.seq, max);
      if (!claim.missing) this.remember(claim.seq);
      this.queue.push(...claim.calls.map((call) => ({ call, leaseEndsAt })));
      if (claim.calls.length > 0) this.wanted = true;
      else {
        if (claim.paused) await this.probe();
        if (claim.nextAt !== null) await this.arm(claim.nextAt);
      }
    }

    post(held: Held | undefined): void {
      if (held === undefined) return;
      this.posting++;
      const began = this.parts.clock.now();
      this.ctx.waitUntil(
        dial(this.parts, held.call, held.leaseEndsAt)
          .then(async ({ result, effect }) => {
            this.dialMs = (this.dialMs + Math.max(1, this.parts.clock.now() - began)) / 2;
            if (effect.kind !== "none") await this.halt(effect);
            this.keep(result);
          })
          .catch((error) => this.parts.log.error("dial failed", { line: this.slug, call: held.call.id, error }))
          .finally(() => {
            this.posting--;
            if (this.posting === 0 && this.queue.length === 0) this.records.flush();
            this.stir();
          }),
      );
    }

    /** The whole line pauses or waits: nothing is begun or claimed until Postgres knows. */
    async halt(effect: LineEffect): Promise<void> {
      this.halting++;
      if (effect.kind === "pause") this.paused();
      this.letGo(effect.kind === "pause" ? "line_paused" : "rate_limited");
      try {
        await applyEffect(this.parts, this.slug, effect);
      } catch (error) {
        // The next answer says the same again; this call's own answer must be recorded all the same.
        this.parts.log.error("line not halted", { line: this.slug, effect: effect.kind, error });
      } finally {
        this.halting--;
      }
    }

    /** Gives back what was claimed and not begun. */
    letGo(reason: "line_paused" | "rate_limited"): void {
      const queue = this.queue;
      this.queue = [];
      for (const { call } of queue) this.keep({ callId: call.id, claimSeq: call.claimSeq, ...notBegun(reason) });
    }

    /** Records an answer, for as long as it takes: nobody else knows it, and late it does no harm. */
    keep(result: DialResult): void {
      this.records.add(result, 1).catch((error) => {
        this.parts.log.error("answer not recorded yet", { line: this.slug, call: result.callId, error });
        setTimeout(() => this.keep(result), recordPauseMs);
      });
    }

    /** Records answers together; where Postgres refuses one of them, each for itself, so that it keeps none of the others. */
    async record(results: readonly DialResult[]): Promise<undefined[]> {
      try {
        await this.parts.calls.record(this.slug, [...results]);
      } catch (error) {
        if (!this.parts.calls.refuses(error)) throw error;
        const [only] = results;
        // Its lease will end, and the call is then looked up.
        if (results.length === 1)
          this.parts.log.error("Postgres refuses an answer", { line: this.slug, call: only?.callId, error });
        else for (const result of results) await this.record([result]);
      }
      // A call that went back is due again; of one that became unknown the alarm must know when it is looked up.
      if (results.some(({ status }) => status === "queued" || status === "unknown")) this.wake();
      return results.map(() => undefined);
    }

    /** A harmless question proves less than a call: a line that pauses again right after it is asked ever more rarely. */
    async probe(): Promise<void> {
      const now = this.parts.clock.now();
      if (now - this.probedAt < this.probeEveryMs) return;
      this.probedAt = now;
      if (!(await probePaused(this.parts, this.slug))) return;
      this.resumedAt = this.parts.clock.now();
      this.wanted = true;
    }

    paused(): void {
      const now = this.parts.clock.now();
      const again = now - this.resumedAt < probeEveryMinMs;
      this.probeEveryMs = again ? Math.min(2 * this.probeEveryMs, probeEveryMaxMs) : probeEveryMinMs;
      this.probedAt = now;
    }

    settleNews(): void {
      if (this.settling || this.newsWaiting.size === 0) return;
      this.settling = true;
      this.read(async () => {
        try {
          for (const uuid of [...this.newsWaiting].slice(0, newsPerRunMax)) {
            this.newsWaiting.delete(uuid);
            // What is lost here is asked for again by the poll.
            this.settled(await settleConversation(this.parts, this.slug, uuid));
          }
        } finally {
          this.settling = false;
          this.settleNews();
        }
      });
    }

    settled(pokes: readonly LinePoke[]): void {
      if (pokes.length > 0) this.wake();
    }

    async arm(wantedAt: number): Promise<void> {
      // What is due already and could not be done must not be tried again in a circle.
      const now = this.parts.clock.now();
      const at = Math.max(wantedAt, now + alarmMinMs);
      // One that should have fired long since stands in nobody's way: it may have fired before it was noted.
      if (this.alarmAt > now && at >= this.alarmAt) return;
      await this.ctx.storage.setAlarm(at);
      this.alarmAt = at;
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
