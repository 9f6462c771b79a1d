// Webhooks per second, subjects in turns: A B C … A B C …, so that other load on the machine affects all of them alike.
import { type Load, load, median, type Spread, spreadOf } from "./load/load.ts";

/** A measured subject. `kept`: it stores its requests, so that each has to be a new one. */
export type LoadSubject = {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly secret: string;
  readonly eventsEach: number;
  readonly kept: boolean;
  readonly connections: number;
  /** CPU time so far of its processes, in milliseconds by a name. */
  readonly cpu?: () => Readonly<Record<string, number>>;
  /** Called right after each round, for further measurements. */
  readonly afterRound?: () => Promise<void>;
};

/**
 * Medians over the rounds; `refused` counts all answers that were not 202, `rounds` holds each one's requests per second, `cpuUs` the CPU
 * time of a request in microseconds, by process.
 */
export type Measured = {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  refused: number;
  rounds: number[];
  p50Rounds: number[];
  cpuUs: Record<string, Spread & { rounds: number[] }>;
};

type Rounds = { readonly rounds: number; readonly seconds: number };

const warmUp = { seconds: 1, requests: 4_000 };
/** Size of the pool of requests, which is used repeatedly. */
const poolRequests = 2_000;

/** Measures all subjects in turns, after one short warm-up round. */
export async function inTurns(
  subjects: readonly LoadSubject[],
  { rounds, seconds }: Rounds,
  said: (name: string, load: Load) => void,
): Promise<Map<string, Measured>> {
  const counters = new Map<LoadSubject, number>(subjects.map((subject) => [subject, 0]));
  const loads = new Map<LoadSubject, Used[]>(subjects.map((subject) => [subject, []]));
  const once = async (subject: LoadSubject, forSeconds: number, count: number) => {
    const first = counters.get(subject) ?? 0;
    counters.set(subject, first + count);
    const { port, path, secret, eventsEach, connections } = subject;
    const recipe = { path, secret, first, count, eventsEach };
    const job = { port, recipe, connections, seconds: forSeconds, perSecond: null, cycle: !subject.kept };
    let before: Readonly<Record<string, number>> = {};
    const done = await load(job, () => {
      before = subject.cpu?.() ?? {};
    });
    const after = Object.entries(subject.cpu?.() ?? {});
    const answered = done.accepted + done.refused;
    const cpuUs = after.map(([name, ms]): [string, number] => [name, ((ms - (before[name] ?? 0)) * 1_000) / answered]);
    return { ...done, cpuUs: Object.fromEntries(cpuUs) };
  };
  const estimates = new Map<LoadSubject, number>();
  for (const subject of subjects) {
    const count = warmUp.requests / Math.min(subject.eventsEach, 10);
    estimates.set(subject, (await once(subject, warmUp.seconds, count)).perSecond);
  }
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const wanted = Math.ceil((estimates.get(subject) ?? 0) * seconds * 1.6) + 200;
      const done = await once(subject, seconds, subject.kept ? wanted : poolRequests);
      estimates.set(subject, done.perSecond);
      loads.get(subject)?.push(done);
      said(subject.name, done);
      await subject.afterRound?.();
    }
  }
  return new Map([...loads].map(([subject, of]) => [subject.name, medians(of)]));
}

type Used = Load & { readonly cpuUs: Readonly<Record<string, number>> };

function medians(of: readonly Used[]): Measured {
  const processes = Object.keys(of[0]?.cpuUs ?? {});
  return {
    perSecond: median(of.map(({ perSecond }) => perSecond)),
    p50Ms: median(of.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(of.map(({ p99Ms }) => p99Ms)),
    refused: of.reduce((sum, { refused }) => sum + refused, 0),
    rounds: of.map(({ perSecond }) => Math.round(perSecond)),
    p50Rounds: of.map(({ p50Ms }) => p50Ms),
    cpuUs: Object.fromEntries(
      processes.map((name) => {
        const rounds = of.map(({ cpuUs }) => cpuUs[name] ?? 0);
        return [name, { ...spreadOf(rounds), rounds }];
      }),
    ),
  };
}
