/**
 * The notary: one object for the whole service. Poked before and after new entries, it waits a moment, links all there are and signs the
 * chain's head. With no entry left it sleeps without an alarm and without a connection.
 *
 * An entry waits for its seal at most `sealWithinMs` (`src/domain/limits.ts`), as the sum of:
 *
 * | what it waits for                                                                  | at most                                    |
 * | ---------------------------------------------------------------------------------- | ------------------------------------------ |
 * | the run that its poke armed                                                        | 5 s; 1 s while much is written             |
 * | the run itself: 1,024 entries a batch, batch after batch                           | about 2 s for 20,000 entries               |
 * | a connection that died under the run                                               | 5 s, then a pause of 1 s, and of 5 s when it fails again |
 * | another notary that was first                                                      | the next look, at once                     |
 * | a new instance of the notary, as by a deploy: the alarm of the one before stands   | nothing; at once if it was due             |
 * | a transaction that writes entries when the run ends, and whose last poke may be lost | 1 s after its commit                     |
 *
 * On top of it come the time without Postgres or without the notary, and the life of any transaction that began before and still runs: the
 * chain's order needs its end (`src/store/audit/chain.ts`). `/readyz` then names it (`entries_unsealed`). Not guaranteed: if the writer's
 * process dies and none of its pokes arrived, the sweep finds the entry within a minute.
 *
 * The heads in its own storage prove, outside of Postgres, whether a chain was cut or rewritten. Two instances of it, or a kill at any
 * instant, are harmless: the chain has one link a position, and a head counts only once its links are stored.
 */
import { DurableObject } from "cloudflare:workers";
import { notaryPokeMs } from "../../domain/limits.ts";
import { acceptRestored, type ExtendChainPorts, extendChain } from "../../flows/audit/extend-chain.ts";
import { pause } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { ChainProblem, Head, HeadMemory, Notary, NotaryState } from "../../ports/audit/chain.ts";
import { type AlarmLimits, failurePauseMs, objectAlarm } from "../alarm.ts";

/** Time for which the notary waits for further entries after a poke: short when much is written, long when a run costs more than it links. */
const chainBusyMs = 1_000;
const chainQuietMs = 5_000;

/** Pause after a run that failed: most faults are over at once, such as a closed connection. Further failures pause for {@link failurePauseMs}. */
const chainFailedMs = 1_000;

/** Entries of one run from which on the notary counts as busy. */
const chainBusyEntries = 64;

/** Time for which one run begins statements. */
const chainRunMs = 20_000;

/** Newest heads that the notary stores itself, beside the last one of each day. */
const headsKeptMax = 256;

/** Pause before a receipt is tried again whose entries wait for a transaction to end. */
const chainAgainMs = 250;

/** Shortest pause between two heads in the log. */
const headLogMs = 60_000;

/** The dependencies that the wiring gives the notary. */
export type NotaryDeps = Omit<ExtendChainPorts, "memory"> & {
  log: Log;
  /** Closes the connection: an open one keeps the object in memory. */
  close(): void;
};

/** The notary's methods as Workers call them. */
export type NotaryRpc = Pick<Notary, "seal" | "state" | "restored"> & { poke(): Promise<void> };

/** No floor: every wish is a pause from now. A lost alarm is replaced soon, since unsigned entries wait for it. */
const alarmLimits: AlarmLimits = { floorMs: 0, lateMs: 10_000 };

const headPrefix = "head/";
const dayPrefix = "day/";
const problemKey = "problem";

/** @param wire makes an object's dependencies from its environment */
export function notaryObject(wire: (env: unknown) => NotaryDeps) {
  return class extends DurableObject implements NotaryRpc {
    readonly deps = wire(this.env);
    readonly kv = this.ctx.storage.kv;
    /** The newest head with its number in storage. */
    newest: { readonly nth: number; readonly head: Head } | null = this.readNewest();
    problem: ChainProblem | null = this.kv.get<ChainProblem>(problemKey) ?? null;
    readonly memory: HeadMemory = { last: () => this.newest?.head ?? null, store: (head) => this.storeHead(head) };
    running: Promise<boolean> = Promise.resolve(true);
    /** The run that begins after the current one: every caller until then joins it. */
    waiting: Promise<boolean> | null = null;
    busy = false;
    /** The last run failed. */
    hasFailed = false;
    /** Entries wait for a transaction to end. */
    unsettled = false;
    /** Another run follows the one that the alarm begins. */
    wanted = false;
    readonly nextAlarm = objectAlarm(this.ctx.storage, this.deps.clock, alarmLimits);
    loggedAt = 0;

    async poke(): Promise<void> {
      // Callers poke at most once a second, so entries written within a second of a run may still be unlinked. Schedule one more run.
      const standsUntil = this.deps.clock.now() + notaryPokeMs;
      if (!this.nextAlarm.firesBefore(standsUntil)) await this.arm(this.pause());
      // Asked again: the alarm of the instance before may be sooner.
      if (this.nextAlarm.firesBefore(standsUntil)) this.wanted = true;
    }

    /** A caller that retries at once while a transaction holds the chain up would get the same answer, so the answer waits a moment. */
    async seal(): Promise<boolean> {
      const signed = await this.nextRun();
      if (signed && this.unsettled) await pause(chainAgainMs);
      return signed;
    }

    /** The next run, which includes every entry that was committed before this call. @returns whether the chain could be signed */
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

    /** @returns whether the chain could be signed. Never throws. */
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
        // An alarm that fires sooner than the wanted run may begin stands in its way: the run follows it.
        if (wanted && this.nextAlarm.firesBefore(clock.now() + notaryPokeMs)) this.wanted = true;
        this.deps.close();
      }
    }

    /** Logs the problem at each run, and writes one entry about it. A person decides how the chain goes on. */
    async reportProblem(problem: ChainProblem): Promise<void> {
      this.deps.log.error("the stored audit chain is not the one that was signed", { ...problem });
      if (this.problem !== null) return;
      await this.deps.chain.note(`chain_${problem.kind}`, "notary", { ...problem });
      this.storeProblem(problem);
    }

    /** The stored chain is the signed one again, as after a switch to a copy that lagged and back. */
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
