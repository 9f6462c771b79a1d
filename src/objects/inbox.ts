/**
 * The inbox: one object per source and shard. It exists for group commit: an object may keep its connection to Postgres, and every
 * event that waits while one commit is under way goes into the next. It also keeps a copy of its source, so that signatures can be
 * verified while Postgres is away.
 *
 * It answers only after the commit. It may be killed at any instant: an event whose plan was not written is found again by the
 * sweep, or by the object's own alarm.
 */
import { DurableObject } from "cloudflare:workers";
import { apiSource } from "../domain/direct.ts";
import type { Acceptance, NewEvent } from "../domain/event.ts";
import {
  commitBytesMax,
  directoryFreshMs,
  eventsPerCommitMax,
  eventsWaitingMax,
  rejectionsPerSourceMax,
  rejectionWriteMs,
  waitingBytesMax,
} from "../domain/limits.ts";
import type { Line } from "../domain/line.ts";
import { foreseenEnd } from "../domain/plan.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import { compileRules } from "../domain/source-rules.ts";
import { type PlanView, planEvents } from "../flows/plan.ts";
import { type Group, groupCommit } from "../platform/group-commit.ts";
import type { Log } from "../platform/log.ts";
import type {
  AcceptAnswer,
  EventStore,
  Foresight,
  Rejection,
  RejectionStore,
  SourceCopy,
  SourceStore,
  StoredEvent,
} from "../ports/inbox.ts";
import type { LineObjects, LinePoke } from "../ports/line.ts";
import type { Clock } from "../ports/runtime.ts";

/** What the wiring gives an inbox. */
export type InboxParts = {
  clock: Clock;
  events: EventStore;
  sources: SourceStore;
  rejections: RejectionStore;
  lines: LineObjects;
  log: Log;
};

/** What it is like to call an inbox from elsewhere. The slug is an argument: an object does not know its own name. */
export type InboxRpc = {
  describe(slug: string): Promise<SourceCopy | null>;
  accept(slug: string, events: NewEvent[], waitForPlan: boolean): Promise<AcceptAnswer>;
  reject(slug: string, rejection: Rejection): Promise<void>;
  refresh(slug: string): Promise<void>;
  poke(slug: string): Promise<void>;
};

/** How long a sender is asked to wait when a commit failed. */
const retryAfterSeconds = 5;
/** Pause before unplanned events are tried again. */
const replanMs = 1_000;
/** Events that one round of replanning takes. */
const replanEventsMax = 200;
/** What an event weighs at least, so that a commit holds no more of them than it should. */
const eventBytesMin = commitBytesMax / eventsPerCommitMax;

const copyKey = "copy";
const slugKey = "slug";

/** @param wire makes an object's parts from its environment */
export function inboxObject(wire: (env: unknown) => InboxParts) {
  return class Inbox extends DurableObject implements InboxRpc {
    readonly parts = wire(this.env);
    readonly commits: Group<NewEvent[], Acceptance[] | "refused"> = groupCommit((requests) => this.commit(requests), {
      weightMax: commitBytesMax,
      itemsMax: eventsPerCommitMax,
      waitingMax: eventsWaitingMax,
      waitingWeightMax: waitingBytesMax,
      lingerMs: 0,
    });
    readonly plans: Group<StoredEvent[], undefined> = groupCommit((batches) => this.planBatches(batches), {
      weightMax: commitBytesMax,
      itemsMax: eventsPerCommitMax,
      waitingMax: eventsWaitingMax,
      waitingWeightMax: waitingBytesMax,
      lingerMs: 0,
    });
    slug: string | null = null;
    /** Whether the slug is in storage, for an alarm. */
    named = false;
    copy: SourceCopy | null = null;
    view: (PlanView & { readonly linesVersion: string }) | null = null;
    /** What the last commit saw; `null`: nothing is known, look again. */
    versions: { readonly source: number; readonly lines: string } | null = null;
    checkedAt = 0;
    refused: Rejection[] = [];
    refusedTimer: ReturnType<typeof setTimeout> | null = null;

    async describe(slug: string): Promise<SourceCopy | null> {
      this.remember(slug);
      this.copy ??= this.ctx.storage.kv.get<SourceCopy>(copyKey) ?? null;
      if (this.copy === null) return await this.reload(slug);
      // An old copy is served at once and looked after behind the answer: verification works while Postgres is away.
      if (this.parts.clock.now() - this.checkedAt > directoryFreshMs) {
        this.checkedAt = this.parts.clock.now();
        this.ctx.waitUntil(
          this.reload(slug).catch((error) => this.parts.log.warn("source not refreshed", { source: slug, error })),
        );
      }
      return this.copy;
    }

    async accept(slug: string, events: NewEvent[], waitForPlan: boolean): Promise<AcceptAnswer> {
      this.remember(slug);
      try {
        const acceptances = await this.commits.add(events, weightOf(events));
        if (acceptances === "refused") return { ok: false, reason: "refused" };
        if (waitForPlan) await this.planned(slug, acceptances);
        return { ok: true, acceptances };
      } catch (error) {
        this.parts.log.error("events not accepted", { source: slug, events: events.length, error });
        return { ok: false, reason: "away", retryAfterSeconds };
      }
    }

    async reject(slug: string, rejection: Rejection): Promise<void> {
      this.remember(slug);
      this.refused = [...this.refused, rejection].slice(-rejectionsPerSourceMax);
      this.refusedTimer ??= setTimeout(() => void this.writeRefused(slug), rejectionWriteMs);
    }

    async refresh(slug: string): Promise<void> {
      this.remember(slug);
      this.versions = null;
      this.view = null;
      await this.reload(slug);
    }

    async poke(slug: string): Promise<void> {
      this.remember(slug);
      await this.ctx.storage.setAlarm(this.parts.clock.now());
    }

    override async alarm(): Promise<void> {
      const slug = this.slug ?? this.ctx.storage.kv.get<string>(slugKey);
      if (slug === undefined) return;
      try {
        await this.planLeft(slug);
      } catch (error) {
        this.parts.log.error("events not planned", { source: slug, error });
        await this.ctx.storage.setAlarm(this.parts.clock.now() + replanMs);
      }
    }

    /** Commits requests together; where Postgres refuses one of them, each for itself. */
    async commit(requests: readonly NewEvent[][]): Promise<(Acceptance[] | "refused")[]> {
      try {
        return await this.commitTogether(requests);
      } catch (error) {
        if (!this.parts.events.refuses(error)) throw error;
        if (requests.length === 1) {
          this.parts.log.error("Postgres refuses a request's events", { source: this.slug, error });
          return ["refused"];
        }
        const answers: (Acceptance[] | "refused")[] = [];
        for (const request of requests) answers.push(...(await this.commit([request])));
        return answers;
      }
    }

    async commitTogether(requests: readonly NewEvent[][]): Promise<Acceptance[][]> {
      const events = requests.flat();
      const slug = this.slug ?? "";
      const foresight = this.foresee(events);
      const committed = await this.parts.events.accept(slug, events, foresight);
      this.versions = { source: committed.sourceVersion, lines: committed.linesVersion };
      const holds = committed.sourceVersion === foresight.sourceVersion;
      const fresh = events.filter(
        ({ id }, index) => committed.acceptances[index]?.duplicate === false && !(holds && foresight.ends.has(id)),
      );
      if (fresh.length > 0)
        this.planLater(
          slug,
          fresh.map((event) => stored(event, committed.receivedAt)),
        );
      const answers: Acceptance[][] = [];
      let from = 0;
      for (const request of requests) {
        answers.push(committed.acceptances.slice(from, from + request.length));
        from += request.length;
      }
      return answers;
    }

    /** Events that no rule asks for need no plan: their end is written with them. */
    foresee(events: readonly NewEvent[]): Foresight {
      const ends = new Map<string, ReasonCode>();
      if (this.view === null || this.slug === apiSource) return { sourceVersion: 0, ends };
      const { rules, source } = this.view;
      for (const { id, type, body } of events) {
        // What is no object cannot be read, which is the better reason: the plan says so.
        const end = body.trimStart().startsWith("{") ? foreseenEnd(rules, type) : null;
        if (end !== null) ends.set(id, end);
      }
      return { sourceVersion: source.version, ends };
    }

    /** Planning is not part of accepting: it may fail, and is then done again from Postgres. */
    planLater(slug: string, events: StoredEvent[]): void {
      this.plans.add(events, weightOf(events)).catch(async (error) => {
        this.parts.log.error("events not planned yet", { source: slug, events: events.length, error });
        await this.ctx.storage.setAlarm(this.parts.clock.now() + replanMs);
      });
    }

    async planBatches(batches: readonly StoredEvent[][]): Promise<undefined[]> {
      const events = batches.flat();
      const view = await this.planView();
      this.poked(await planEvents(this.parts, view, events));
      return batches.map(() => undefined);
    }

    /** Waits until accepted events have their plan; what another instance left unplanned is planned here. */
    async planned(slug: string, acceptances: readonly Acceptance[]): Promise<void> {
      if (acceptances.some(({ duplicate }) => duplicate)) await this.planLeft(slug);
      else await this.plans.add([], 0);
    }

    async planLeft(slug: string): Promise<void> {
      for (;;) {
        const left = await this.parts.events.unplanned(slug, replanEventsMax);
        if (left.length === 0) return;
        this.versions = null;
        this.poked(await planEvents(this.parts, await this.planView(slug), left));
      }
    }

    /** A line is told at once; one that does not hear is found by the sweep. */
    poked(pokes: readonly LinePoke[]): void {
      for (const line of new Set(pokes.map((poke) => poke.line))) {
        this.ctx.waitUntil(
          this.parts.lines.poke(line).catch((error) => this.parts.log.warn("line not poked", { line, error })),
        );
      }
    }

    /** The source and the lines, compiled; loaded anew when a commit saw other versions of them. */
    async planView(slug = this.slug ?? ""): Promise<PlanView> {
      const { view, versions } = this;
      if (view !== null && versions?.source === view.source.version && versions.lines === view.linesVersion)
        return view;
      const [source, { lines, version }] = await Promise.all([this.reload(slug), this.parts.sources.lines()]);
      if (source === null) throw new Error(`source ${slug} is gone`);
      const bySlug = new Map<string, Line>(lines.map((line) => [line.slug, line]));
      const rules = view?.source.version === source.version ? view.rules : compileRules(source.rules);
      this.view = { source, rules, lines: bySlug, linesVersion: version };
      this.versions = { source: source.version, lines: version };
      return this.view;
    }

    async reload(slug: string): Promise<SourceCopy | null> {
      const copy = await this.parts.sources.copy(slug);
      this.checkedAt = this.parts.clock.now();
      if (copy === null) {
        this.copy = null;
        this.ctx.storage.kv.delete(copyKey);
      } else if (copy.version !== this.copy?.version) {
        this.copy = copy;
        this.ctx.storage.kv.put(copyKey, copy);
      }
      return copy;
    }

    async writeRefused(slug: string): Promise<void> {
      this.refusedTimer = null;
      const batch = this.refused;
      this.refused = [];
      await this.parts.rejections
        .write(slug, batch)
        .catch((error) => this.parts.log.warn("rejections not written", { source: slug, count: batch.length, error }));
    }

    /** An alarm comes without a name, so the first caller's is kept. A source that does not exist leaves nothing behind. */
    remember(slug: string): void {
      this.slug = slug;
      if (this.named || this.copy === null) return;
      this.named = true;
      if (this.ctx.storage.kv.get<string>(slugKey) !== slug) this.ctx.storage.kv.put(slugKey, slug);
    }
  };
}

function weightOf(events: readonly { readonly body: string }[]): number {
  // A text may take two bytes a character.
  return events.reduce((sum, { body }) => sum + Math.max(2 * body.length, eventBytesMin), 0);
}

function stored(event: NewEvent, receivedAt: number): StoredEvent {
  return {
    id: event.id,
    source: event.source,
    externalId: event.externalId,
    type: event.type,
    occurredAt: event.occurredAt,
    receivedAt,
    record: event.record,
    body: event.body,
  };
}
