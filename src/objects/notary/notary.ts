/**
 * The notary: one object for the whole service. Poked before and after new entries, it waits a moment, links all of
 * them and signs the chain's head. Without new entries it sleeps without an alarm or a connection.
 *
 * An entry is linked and signed within `sealWithinMs` (`src/domain/limits.ts`), which is the sum of:
 *
 * | the entry waits for                                                                  | at most                                                    |
 * | ------------------------------------------------------------------------------------ | ---------------------------------------------------------- |
 * | the run after its poke                                                               | 5 s; 1 s while many entries are written                    |
 * | the run itself: 1,024 entries per batch, batch after batch                           | about 2 s for 20,000 entries                               |
 * | a connection that failed during the run                                              | 5 s, then a pause of 1 s, and of 5 s after another failure |
 * | another notary that was first                                                        | the next search, at once                                   |
 * | a new instance of the notary after a deploy: the previous alarm stays set            | nothing; at once if it was due                             |
 * | a transaction that writes entries when the run ends, and whose last poke may be lost | 1 s after its commit                                       |
 *
 * Time without Postgres or without the notary is added, and so is the life of any older transaction that is still
 * running: the order of the chain depends on its end (`src/store/audit/chain.ts`). `/readyz` then reports
 * `entries_unsealed`. Not guaranteed: if the writer's process dies and none of its pokes arrived, the sweep finds the
 * entry within a minute.
 *
 * The heads in its own storage prove, independently of Postgres, whether the chain was cut or rewritten. A second
 * instance, or a kill at any instant, is harmless: the chain has one link per position, and a head counts only once its
 * links are stored.
 */
import { DurableObject } from "cloudflare:workers";
import { notaryPokeMs } from "../../domain/limits.ts";
import { acceptRestored, type ExtendChainPorts, extendChain } from "../../flows/audit/extend-chain.ts";
import { pause } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { ChainProblem, Head, HeadMemory, Notary, NotaryState } from "../../ports/audit/chain.ts";
import { type AlarmLimits, failurePauseMs, objectAlarm } from "../alarm.ts";

/**
 * Time that the notary waits for further entries after a poke. It is short while many entries are written, and long
 * while a run costs more than it links.
 */
const chainBusyMs = 1_000;
const chainQuietMs = 5_000;

/**
 * Pause after a failed run. Most faults, such as a closed connection, are over at once. Further failures pause for
 * {@link failurePauseMs}.
 */
const chainFailedMs = 1_000;

/** Entries per run from which on the notary counts as busy. */
const chainBusyEntries = 64;

/** Time within which one run starts statements. */
const chainRunMs = 20_000;

/** Newest heads in the notary's own storage, beside the last one of each day. */
const headsKeptMax = 256;

/** Pause before another attempt for a receipt whose entries wait for a transaction. */
const chainAgainMs = 250;

/** Shortest pause between two heads in the log. */
const headLogMs = 60_000;

/** The dependencies that the wiring gives the notary. */
export type NotaryDeps = Omit<ExtendChainPorts, "memory"> & {
  log: Log;
  /** Closes the connection, because an open one keeps the object in memory. */
  close(): void;
};

/** The notary's methods as Workers call them. */
export type NotaryRpc = Pick<Notary, "seal" | "state" | "restored" | "announceHooks"> & {
  /** `hooks`: whether entries have to be told to hooks. */
  poke(): Promise<{ hooks: boolean } | undefined>;
};

/**
 * `floorMs` is 0, because the notary itself adds a pause to each alarm. `lateMs` is short, because unsigned entries wait for
 * the replacement of a lost alarm.
 */
const alarmLimits: AlarmLimits = { floorMs: 0, lateMs: 10_000 };

const headPrefix = "head/";
const dayPrefix = "day/";
const problemKey = "problem";
const hooksKey = "hooks";

/** @param wire makes an object's dependencies from its environment */
export function notaryObject(wire: (env: unknown) => NotaryDeps) {
  return class extends DurableObject implements NotaryRpc {
    readonly deps = wire(this.env);
    readonly kv = this.ctx.storage.kv;
    /** The newest head with its number in storage. */
    newest: { readonly nth: number; readonly head: Head } | null = this.readNewest();
    /** Whether there are hooks. Everybody who writes entries pokes the notary, and so learns it without a request of its own. */
    hooks = this.kv.get<boolean>(hooksKey) ?? false;
    problem: ChainProblem | null = this.kv.get<ChainProblem>(problemKey) ?? null;
    readonly memory: HeadMemory = { last: () => this.newest?.head ?? null, store: (head) => this.storeHead(head) };
    running: Promise<boolean> = Promise.resolve(true);
    /** The run after the current one. Callers until its start share it. */
    waiting: Promise<boolean> | null = null;
    busy = false;
    /** Whether the last run failed. */
    hasFailed = false;
    /** Whether entries wait for a transaction to end. */
    unsettled = false;
    /** Whether another run follows the run that the alarm begins. */
    wanted = false;
    readonly nextAlarm = objectAlarm(this.ctx.storage, this.deps.clock, alarmLimits);
    loggedAt = 0;

    async announceHooks(exist: boolean): Promise<void> {
      if (exist === this.hooks) return;
      this.hooks = exist;
      this.kv.put(hooksKey, exist);
    }

    async poke(): Promise<{ hooks: boolean }> {
      // Callers poke at most once a second, so entries written within a second of a run may still be unlinked. Schedule one more run.
      const standsUntil = this.deps.clock.now() + notaryPokeMs;
      if (!this.nextAlarm.firesBefore(standsUntil)) await this.arm(this.pause());
      // Checked again: the alarm of the previous instance may be sooner.
      if (this.nextAlarm.firesBefore(standsUntil)) this.wanted = true;
      return { hooks: this.hooks };
    }

    /**
     * Delays its answer while a transaction blocks the chain, because a caller that retries at once would get the same
     * answer.
     */
    async seal(): Promise<boolean> {
      const signed = await this.nextRun();
      if (signed && this.unsettled) await pause(chainAgainMs);
      return signed;
    }

    /**
     * The next run, which includes every entry committed before this call. @returns Whether the chain could be signed.
     */
    nextRun(): Promise<boolean> {
      this.waiting ??= this.running.then(() => {
        this.waiting = null;
        this.running = this.run();
        return this.running;
      });
      return this.waiting;
    }

    async state(): Promise<NotaryState> {
      const stored = [...this.kv.list<Head>({ prefix: dayPrefix }), ...this.kv.list<Head>({ prefix: headPrefix })];
      return { heads: stored.map(([, head]) => head), problem: this.problem };
    }

    async restored(actor: string, reason: string): Promise<{ kept: number; dropped: number } | null> {
      if (this.problem === null && (await this.nextRun())) return null;
      const { heads } = await this.state();
      const { head, base } = await acceptRestored(this.deps, heads, actor, reason);
      this.storeHead(head);
      this.storeProblem(null);
      this.deps.log.warn("a restored database is accepted", { actor, base, position: head.position });
      await this.nextRun();
      const dropped = heads.filter(({ position }) => position > base).length;
      return { kept: heads.length - dropped, dropped };
    }

    override async alarm(): Promise<void> {
      this.nextAlarm.fired();
      await this.nextRun();
    }

    /** @returns Whether the chain could be signed. Never throws. */
    async run(): Promise<boolean> {
      const { clock, log } = this.deps;
      const { wanted } = this;
      this.wanted = false;
      try {
        const extended = await extendChain({ ...this.deps, memory: this.memory }, clock.now() + chainRunMs);
        if (!extended.ok) {
          await this.reportProblem(extended.problem);
          return false;
        }
        if (this.problem !== null) await this.noteRepaired();
        this.hasFailed = false;
        this.unsettled = extended.again;
        this.busy = extended.linked >= chainBusyEntries;
        if (extended.again || extended.writing) await this.arm(chainBusyMs);
        else if (wanted) await this.arm(this.pause());
        return true;
      } catch (error) {
        log.error("entries not linked", { error });
        await this.arm(this.hasFailed ? failurePauseMs : chainFailedMs);
        this.hasFailed = true;
        return false;
      } finally {
        // An alarm may fire before the wanted run may begin. The run then follows that alarm.
        if (wanted && this.nextAlarm.firesBefore(clock.now() + notaryPokeMs)) this.wanted = true;
        this.deps.close();
      }
    }

    /** Logs the problem at each run, and writes one entry about it. A person decides how the chain continues. */
    async reportProblem(problem: ChainProblem): Promise<void> {
      this.deps.log.error("the stored audit chain is not the one that was signed", { ...problem });
      if (this.problem !== null) return;
      await this.deps.chain.note(`chain_${problem.kind}`, "notary", { ...problem });
      this.storeProblem(problem);
    }

    /** The stored chain is the signed one again, for example after a failover to a lagging replica and back. */
    async noteRepaired(): Promise<void> {
      await this.deps.chain.note("chain_right", "notary", {});
      this.storeProblem(null);
    }

    storeProblem(problem: ChainProblem | null): void {
      if (problem === this.problem) return;
      this.problem = problem;
      if (problem === null) this.kv.delete(problemKey);
      else this.kv.put(problemKey, problem);
    }

    storeHead(head: Head): void {
      const { newest } = this;
      const nth = (newest?.nth ?? 0) + 1;
      if (newest !== null && dayOf(newest.head) !== dayOf(head))
        this.kv.put(dayPrefix + dayOf(newest.head), newest.head);
      this.kv.put(headKey(nth), head);
      this.kv.delete(headKey(nth - headsKeptMax));
      this.newest = { nth, head };
      const { position, hash, at, kid } = head;
      if (at - this.loggedAt < headLogMs) return;
      this.loggedAt = at;
      this.deps.log.info("audit head", { position, hash, signed_at: new Date(at).toISOString(), kid });
    }

    readNewest(): { nth: number; head: Head } | null {
      for (const [key, head] of this.ctx.storage.kv.list<Head>({ prefix: headPrefix, reverse: true, limit: 1 }))
        return { nth: Number(key.slice(headPrefix.length)), head };
      return null;
    }

    pause(): number {
      return this.busy ? chainBusyMs : chainQuietMs;
    }

    async arm(inMs: number): Promise<void> {
      await this.nextAlarm.arm(this.deps.clock.now() + inMs);
    }
  };
}

function headKey(nth: number): string {
  return headPrefix + String(nth).padStart(12, "0");
}

function dayOf(head: Head): string {
  return new Date(head.at).toISOString().slice(0, 10);
}
