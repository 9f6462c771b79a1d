/**
 * The sweep, each minute: finds the work that a crash left behind. It ends calls that have timed out and pokes the objects that have
 * work; the objects do the work.
 */
import type { Notary } from "../ports/audit/chain.ts";
import type { LineObjects } from "../ports/calling/line-objects.ts";
import type { StopStore } from "../ports/calling/stops.ts";
import type { NameDirectory } from "../ports/ingest/directory.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { FieldStore } from "../ports/planning/fields.ts";
import type { SweepStore } from "../ports/sweep.ts";
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
  directory: Pick<NameDirectory, "confirm">;
};

/** What a sweep did. */
type Swept = {
  leases: number;
  late: number;
  lines: number;
  sources: number;
  pokesFailed: number;
  /** Rows that are known to break the books. */
  gaps: number;
  /** Calls that were reached of stops that no request has ended, and stops that failed. */
  stopped: number;
  stopsFailed: number;
  /** Events that were looked at for the fields that rules read. */
  watched: number;
};

export async function sweep(ports: SweepPorts): Promise<Swept> {
  // An inbox that is asked what waits on its own disk sets its alarm anew; what follows needs Postgres, and that may be away.
  await ports.inboxes.spills().catch(() => []);
  const { leases, late } = await ports.sweep.expire();
  const waiting = await ports.sweep.waiting();
  // A paused line is poked too: it asks Mihu whether the cause is gone.
  const lines = [...new Set([...waiting.lines, ...waiting.paused.map(({ line }) => line)])];
  const pokes = await Promise.allSettled([
    ...lines.map((line) => ports.lines.poke(line)),
    ...waiting.sources.map((source) => ports.inboxes.poke(source)),
    // With nothing to link it still compares the stored chain with what it has signed.
    ports.notary.poke(),
    // A name whose push was lost is added, and the list counts as whole.
    ports.directory.confirm(),
  ]);
  // Behind the pokes: such calls do not ring, however long they wait.
  const stops = await advanceStops(ports.stops, ports.stopFailed);
  return {
    leases,
    late,
    lines: lines.length,
    sources: waiting.sources.length,
    pokesFailed: pokes.filter(({ status }) => status === "rejected").length,
    stopped: stops.reached,
    stopsFailed: stops.failed,
    gaps: await ports.sweep.check(),
    watched: await watchFields(ports.fields),
  };
}
