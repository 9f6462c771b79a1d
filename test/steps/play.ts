/** Plays scenarios in lanes: once to find the steps of each, then once for each step that is stopped. */
import { isKnown, verifyHead } from "../../cli/audit/heads.ts";
import { walkChain } from "../../cli/audit/walk.ts";
import { type Lane, openLane } from "./lane.ts";
import { closePool } from "./pool.ts";
import { type Run, startRun } from "./run.ts";
import type { Scenario } from "./scenarios.ts";
import { type Mode, modes, type Stop } from "./watch.ts";

/** Runs at the same time. */
const lanesMax = 4;

/** A run that is over, and every promise that does not hold afterwards. */
type Played = { readonly run: Run; readonly faults: string[] };

export type Player = {
  readonly lanes: readonly Lane[];
  /** Plays a scenario without a stop, and finds its steps. */
  find(scenario: Scenario): Promise<Played>;
  /** Plays a scenario once for each step that was found, which is stopped. @returns what does not hold afterwards */
  stopEach(scenario: Scenario, mode: Mode): Promise<string[]>;
  /**
   * Has the notary of each lane link what runs left, and checks the chain of their entries against every head that a notary ever
   * kept. The runs are forgotten afterwards.
   *
   * @returns the number of links, and what does not hold
   */
  settle(): Promise<{ links: number; faults: string[] }>;
  /** Methods that were found and that no run was stopped at, each with the mode. */
  missed(): string[];
  close(): Promise<void>;
};

/** `of`: the steps that are stopped. `changing`: methods that write another thing in each scenario, and are stopped in each. */
type Choice = { readonly of: RegExp; readonly changing: RegExp };

/**
 * @param faultsOf checks a run that is over
 * @param attemptsMax attempts to reach a step that a run did not reach
 */
export async function openPlayer(
  choice: Choice,
  faultsOf: (run: Run) => Promise<string[]>,
  attemptsMax = 3,
): Promise<Player> {
  const lanes = await Promise.all(Array.from({ length: lanesMax }, openLane));
  const choose = chooser(choice);
  const found = new Map<Scenario, readonly string[]>();
  /** Steps that were hit, each with how. */
  const stopped = new Set<string>();

  async function play(
    lane: Lane,
    { place, stage, act }: Pick<Scenario, "place" | "stage" | "act">,
    stop: Stop | null,
  ): Promise<Played> {
    const run = await startRun(lane, await lane.place(place), stop);
    await stage?.(run);
    run.steps.begin();
    await act(run);
    await run.recover();
    lane.heads.push(...run.heads());
    return { run, faults: await faultsOf(run) };
  }

  return {
    lanes,
    async find(scenario) {
      const [lane] = lanes;
      if (lane === undefined) throw new Error("there is no lane");
      const played = await play(lane, scenario, null);
      found.set(scenario, choose(played.run.steps.seen()));
      return played;
    },
    async stopEach(scenario, mode) {
      const broken: string[] = [];
      const left = (found.get(scenario) ?? []).filter((step) => canStop(step, mode));
      await Promise.all(
        lanes.map(async (lane) => {
          for (let step = left.shift(); step !== undefined; step = left.shift()) {
            // Concurrent steps do not come in the same order each time.
            for (let attempt = 1; attempt <= attemptsMax; attempt++) {
              const { run, faults } = await play(lane, scenario, { step, mode });
              if (faults.length > 0)
                broken.push(`${step}: ${faults.join("; ")}; its log: ${run.logged.slice(-3).join("\n")}`);
              if (run.steps.isStruck()) stopped.add(`${methodOf(step)} ${mode}`);
              if (run.steps.isStruck() || faults.length > 0) break;
            }
          }
        }),
      );
      return broken;
    },
    async settle() {
      const settled = await Promise.all(
        lanes.map(async (lane) => {
          const { faults } = await play(lane, { act: async () => {} }, null);
          const chain = await checkChain(lane);
          await lane.forget();
          return { links: chain.links, faults: [...faults, ...chain.faults] };
        }),
      );
      return {
        links: settled.reduce((sum, { links }) => sum + links, 0),
        faults: settled.flatMap(({ faults }) => faults),
      };
    },
    missed() {
      const all = [...new Set([...found.values()].flat().map(methodOf))];
      return all.flatMap((method) =>
        modes
          .filter((mode) => canStop(method, mode) && !stopped.has(`${method} ${mode}`))
          .map((mode) => `${method} ${mode}`),
      );
    },
    async close() {
      await closePool();
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

async function checkChain({ owner, heads, jwks }: Lane): Promise<{ links: number; faults: string[] }> {
  const verified = await Promise.all(heads.map(({ jws, ...row }) => verifyHead(jws, "the notary", jwks, row)));
  const known = verified.filter(isKnown);
  const walk = await walkChain(owner, known);
  return {
    links: walk.links,
    faults: [
      ...(known.length < heads.length ? [`${heads.length - known.length} heads cannot be verified`] : []),
      ...(walk.broken === null ? [] : [`the chain is broken: ${JSON.stringify(walk.broken)}`]),
    ],
  };
}

/**
 * Chooses the steps of each scenario that are stopped. The steps of the same actor before it tell where a step stands in
 * the code: one that comes after the same step as before is stopped once in a scenario, and one that comes after the same
 * two in one scenario only.
 */
function chooser({ of, changing }: Choice): (seen: readonly string[]) => string[] {
  const places = new Set<string>();
  return (seen) => {
    const before = new Map<string, readonly string[]>();
    const here = new Set<string>();
    const elsewhere = new Set(places);
    return seen.filter((step) => {
      const method = methodOf(step);
      if (!of.test(method)) return false;
      const actor = method.split(".")[0] ?? "";
      const [last, lastButOne] = before.get(actor) ?? [];
      before.set(actor, [method, last ?? ""]);
      const place = `${last} ${method}`;
      const wide = `${lastButOne} ${place}`;
      places.add(wide);
      if (here.has(place) || (elsewhere.has(wide) && !changing.test(method))) return false;
      here.add(place);
      return true;
    });
  };
}

/** A write to an object's own disk cannot fail by itself. */
function canStop(step: string, mode: Mode): boolean {
  return !mode.startsWith("fails") || !step.includes(".storage.");
}

function methodOf(step: string): string {
  return step.split(" ")[0] ?? "";
}
