/** Carries out the faults of a schedule, and keeps a log of them: a review has to be explained by one of these. */
import { setTimeout as sleep } from "node:timers/promises";
import type { SettingsChange } from "../../../dev/simulator/engine/settings.ts";
import { signalQuietly } from "../../../dev/stack/processes.ts";
import { backendToStrike, crash } from "./backends.ts";
import type { Operator } from "./operator.ts";
import type { Fault } from "./schedule.ts";
import type { FaultKind } from "./size.ts";
import { bringUp, type ChaosWorld, type Instance } from "./world.ts";

/** A fault that was carried out. Times are epoch milliseconds; `until` is when all was well again. */
export type Struck = { readonly kind: FaultKind; readonly from: number; readonly until: number };

type Striker = {
  /** Resolves when the last fault is over. */
  run: (faults: readonly Fault[], startedAt: number) => Promise<void>;
  /** Whether cron is silent now. */
  sweepSkipped: () => boolean;
  log: () => readonly Struck[];
};

/** Most that a fault waits for a statement, or a connection, that it can strike. */
const cutWaitMs = 10_000;

/** @param calm the simulator's settings without the faults that the schedule adds */
export function striker(world: ChaosWorld, calm: SettingsChange, person: Operator): Striker {
  const { cluster, simulator, first, second } = world;
  const log: Struck[] = [];
  const busy = new Map<unknown, Promise<void>>();
  let silent = 0;

  /** Faults of one process take turns, so that only one ends and restarts it at a time. */
  function alone(thing: unknown, work: () => Promise<void>): Promise<void> {
    const turn = (busy.get(thing) ?? Promise.resolve()).then(work);
    busy.set(
      thing,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async function noted(kind: FaultKind, work: () => Promise<void>): Promise<void> {
    const from = Date.now();
    await work();
    log.push({ kind, from, until: Date.now() });
  }

  const kill = (instance: Instance, kind: FaultKind, lastsMs: number) =>
    noted(kind, async () => {
      instance.up = false;
      await instance.worker.kill("SIGKILL");
      await sleep(lastsMs);
      await bringUp(instance);
    });

  const mihu = (kind: FaultKind, change: SettingsChange, back: SettingsChange, lastsMs: number) =>
    noted(kind, async () => {
      simulator.setFaults(change);
      await sleep(lastsMs);
      simulator.setFaults(back);
    });

  async function strike({ kind, lastsMs, chance }: Fault): Promise<void> {
    const one = chance < 0.6 || !second.up ? first : second;
    switch (kind) {
      case "kill":
        // The second is killed at the end of each of its times.
        return await alone(first, () => kill(first, kind, lastsMs));
      case "second_instance":
        return await alone(second, () =>
          noted(kind, async () => {
            if (!second.up) await bringUp(second);
            await sleep(lastsMs);
            second.up = false;
            await second.worker.kill("SIGKILL");
          }),
        );
      case "postgres_stop":
        return await alone(cluster, () =>
          noted(kind, async () => {
            await cluster.away();
            await sleep(lastsMs);
            await cluster.back();
          }),
        );
      case "postgres_crash":
        return await alone(cluster, () => struckBackend(false, chance, (pid) => noted(kind, () => crash(world, pid))));
      case "backend_ended":
        return await alone(cluster, () =>
          struckBackend(false, chance, (pid) => noted(kind, async () => signalQuietly(pid, "SIGTERM"))),
        );
      case "statement_canceled":
        return await alone(cluster, () =>
          struckBackend(true, chance, (pid) => noted(kind, async () => signalQuietly(pid, "SIGINT"))),
        );
      case "cut_midway":
      case "cut_unanswered":
        return await cut(one, kind);
      case "hang":
        return await alone(one.wire, () =>
          noted(kind, async () => {
            one.wire.hang();
            await sleep(lastsMs);
            one.wire.release(chance * 10 - Math.floor(chance * 10) < 0.5 ? "late" : "broken");
          }),
        );
      case "sweep_skipped":
        return await noted(kind, async () => {
          silent++;
          await sleep(lastsMs);
          silent--;
        });
      case "sweep_doubled":
        return await noted(kind, async () => {
          const both = [first, second].filter(({ up }) => up);
          await Promise.allSettled([...both, ...both].map(({ worker }) => worker.scheduled()));
        });
      case "token_revoked":
        return await mihu(kind, { token_revoked: true }, { token_revoked: false }, lastsMs);
      case "mihu_down":
        return await mihu(
          kind,
          { before_503: 0.3, after_503: 0.2 },
          { before_503: calm.before_503 ?? 0, after_503: calm.after_503 ?? 0 },
          lastsMs,
        );
      case "lists_unreadable":
        return await mihu(kind, { list_500: 1 }, { list_500: calm.list_500 ?? 0 }, lastsMs);
      // One change at a time: two of them about the same thing would take each other back.
      case "suppression":
        return await alone(person, () => noted(kind, () => person.suppress(chance, lastsMs)));
      case "rule_off":
        return await alone(person, () => noted(kind, () => person.turnOff(chance, lastsMs)));
      case "source_closed":
        return await alone(person, () => noted(kind, () => person.closeSource(lastsMs)));
      case "rotation":
        return await alone(person, () => noted(kind, () => person.rotate(chance, lastsMs)));
    }
  }

  /** Armed now, and struck with the next statement: it is over when that has come. */
  async function cut({ wire }: Instance, kind: "cut_midway" | "cut_unanswered"): Promise<void> {
    const how = kind === "cut_midway" ? "midway" : "unanswered";
    const before = wire.cuts()[how];
    wire.cut(how);
    const giveUp = Date.now() + cutWaitMs;
    while (wire.cuts()[how] === before && Date.now() < giveUp) await sleep(5);
    const now = Date.now();
    if (wire.cuts()[how] > before) log.push({ kind, from: now - 1_000, until: now });
  }

  async function struckBackend(busy: boolean, chance: number, work: (pid: number) => Promise<void>): Promise<void> {
    const pid = await backendToStrike(world, { busy, chance, waitMs: cutWaitMs });
    if (pid !== null) await work(pid);
  }

  return {
    async run(faults, startedAt) {
      await Promise.all(
        faults.map(async (fault) => {
          await sleep(Math.max(0, startedAt + fault.atMs - Date.now()));
          await strike(fault);
        }),
      );
    },
    sweepSkipped: () => silent > 0,
    log: () => log,
  };
}
