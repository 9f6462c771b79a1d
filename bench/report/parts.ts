// CPU time of a webhook by parts, as differences of measured arrangements, and the resulting bill.
import { type Bill, billOf, idleSecondsDefault } from "../cost/price.ts";
import { type Spread, spreadOf } from "../load/load.ts";
import type { Measured } from "../throughput.ts";
import type { BenchResults } from "./results.ts";

/** Microseconds of CPU for one event. */
export type Parts = {
  /** workerd, with a Worker that calls no object. */
  readonly worker: Spread;
  /**
   * Additional CPU time of the call, with an object that answers at once: the call itself, and the transfer of the
   * events.
   */
  readonly call: Spread;
  /** Additional CPU time of the object's work. */
  readonly object: Spread;
  /** Postgres' backends, and its other processes. */
  readonly backends: Spread;
  readonly helpers: Spread;
  /** Events of a mean commit. */
  readonly group: number;
};

/** Microseconds of CPU of the Node process that does the same work for a webhook. */
export function nodeCpu({ throughput }: Pick<BenchResults, "throughput">): Spread {
  return spreadOf(rounds(throughput["same work"], "own"));
}

/** Computed round by round, so that other load on the machine affects all arrangements alike. */
export function cpuParts(results: Pick<BenchResults, "throughput" | "groups">): { single: Parts; batched: Parts } {
  const { throughput, groups } = results;
  const of = (whole: string, noObject: string, noCall: string, eventsEach: number, group: number): Parts => {
    const cpu = (name: string, process: string) => rounds(throughput[name], process).map((cpuUs) => cpuUs / eventsEach);
    const [all, called, alone] = [cpu(whole, "own"), cpu(noObject, "own"), cpu(noCall, "own")];
    return {
      worker: spreadOf(alone),
      call: spreadOf(called.map((cpuUs, round) => cpuUs - (alone[round] ?? 0))),
      object: spreadOf(all.map((cpuUs, round) => cpuUs - (called[round] ?? 0))),
      backends: spreadOf(cpu(whole, "backends")),
      helpers: spreadOf(cpu(whole, "helpers")),
      group,
    };
  };
  return {
    single: of("hookline", "no object", "no call", 1, groups.ignored ?? 0),
    batched: of("batches", "batches, no object", "batches, no call", 100, groups.batches ?? 0),
  };
}

/** The bill of events that come evenly, each by itself. */
export function evenBill(
  results: Pick<BenchResults, "throughput" | "groups" | "usage">,
  idleSeconds = idleSecondsDefault,
): Bill {
  return billOf(results.usage, "even", cpuParts(results).single.worker.median, idleSeconds);
}

/** The bill of events that come in batches like HubSpot's, as fast as they are accepted. */
export function batchedBill(results: Pick<BenchResults, "throughput" | "groups" | "usage">): Bill {
  return billOf(results.usage, "batches", cpuParts(results).batched.worker.median, idleSecondsDefault);
}

function rounds(measured: Measured | undefined, process: string): readonly number[] {
  return measured?.cpuUs[process]?.rounds ?? [];
}
