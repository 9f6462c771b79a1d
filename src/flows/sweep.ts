/**
 * The sweep runs each minute and finds work that a crash left behind. It ends calls that have timed out and pokes
 * objects with due work. The objects do the work.
 */
import type { Notary } from "../ports/audit/chain.ts";
import type { LineObjects } from "../ports/calling/line-objects.ts";
import type { StopStore } from "../ports/calling/stops.ts";
import type { Dispatcher } from "../ports/hooks/dispatcher.ts";
import type { NameDirectory } from "../ports/ingest/directory.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { FieldStore } from "../ports/planning/fields.ts";
import type { SweepStore } from "../ports/sweep.ts";
import type { TaskWaker } from "../ports/tasks/steps.ts";
import { advanceStops, type StopFailed } from "./calling/stop-calls.ts";
import { watchFields } from "./planning/watch-fields.ts";

export type SweepPorts = {
  sweep: SweepStore;
  stops: Pick<StopStore, "pending" | "advance" | "noteAdvance">;
  stopFailed: StopFailed;
  fields: FieldStore;
  inboxes: Inboxes;
  lines: LineObjects;
  notary: Pick<Notary, "poke">;
  dispatcher: Pick<Dispatcher, "poke">;
  taskRunner: TaskWaker;
  directory: Pick<NameDirectory, "confirm">;
};

/** Counts of one sweep. */
type Swept = {
  leases: number;
  late: number;
  lines: number;
  sources: number;
  pokesFailed: number;
  /** Number of known gaps. */
  gaps: number;
  /** Calls reached in stops that no request finished, and stops that failed. */
  stopped: number;
  stopsFailed: number;
  /** Events checked for the fields that rules read. */
  watched: number;
  /** Entries counted for the statistics. */
  counted: number;
  /** Troubles of sources that began or ended. */
  troubles: number;
};

/** Parts of removed hooks' deliveries that one sweep deletes at most. The next sweep continues. */
const removedPartsMax = 10;

export async function sweep(ports: SweepPorts): Promise<Swept> {
  // Asking an inbox for its spill also sets its alarm again. The steps after this need Postgres, which may be down.
  const spills = await ports.inboxes.spills().catch(() => null);
  const { leases, late } = await ports.sweep.expire();
  const waiting = await ports.sweep.waiting();
  // A paused line is poked too: it probes Mihu to see whether the cause is gone.
  const lines = [...new Set([...waiting.lines, ...waiting.paused.map(({ line }) => line)])];
  const pokes = await Promise.allSettled([
    ...lines.map((line) => ports.lines.poke(line)),
    ...waiting.sources.map((source) => ports.inboxes.poke(source)),
    // Without new entries the notary still compares the stored chain with its signed heads.
    ports.notary.poke(),
    // A name whose push was lost is added, and the list counts as complete.
    ports.directory.confirm(),
    // Deliveries whose time has come, or whose dispatcher was killed.
    ...(waiting.hooks ? [ports.dispatcher.poke()] : []),
    ...(waiting.tasks ? [ports.taskRunner.poke()] : []),
  ]);
  // Stops come after the pokes: their calls do not ring, however late they are canceled.
  const stops = await advanceStops(ports.stops, ports.stopFailed);
  const swept = {
    leases,
    late,
    lines: lines.length,
    sources: waiting.sources.length,
    pokesFailed: pokes.filter(({ status }) => status === "rejected").length,
    stopped: stops.reached,
    stopsFailed: stops.failed,
    gaps: await ports.sweep.check(),
    // Events on an inbox's disk were accepted, so their source is not silent.
    troubles: await ports.sweep.tellTroubles(spills?.map(({ source }) => source) ?? null),
    watched: await watchFields(ports.fields),
    counted: await ports.sweep.countFigures(),
  };
  // Nobody waits for it, so it is last.
  for (let part = 0; part < removedPartsMax && (await ports.sweep.deleteOfRemovedHooks()); part++);
  return swept;
}
