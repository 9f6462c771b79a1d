/**
 * Sweep, each minute: whatever a crash left behind is found here. It moves what has timed out and pokes whoever has work; the work
 * itself is done by the objects.
 */
import type { Inboxes } from "../ports/inbox.ts";
import type { LineObjects } from "../ports/line.ts";
import type { SweepStore } from "../ports/sweep.ts";

export type SweepPorts = { sweep: SweepStore; inboxes: Inboxes; lines: LineObjects };

/** What a sweep did. */
export type Swept = { leases: number; late: number; lines: number; sources: number; pokesFailed: number };

export async function sweep(ports: SweepPorts): Promise<Swept> {
  const { leases, late } = await ports.sweep.expire();
  const waiting = await ports.sweep.waiting();
  // A paused line is poked too: it asks Mihu whether the cause is gone.
  const lines = [...new Set([...waiting.lines, ...waiting.paused.map(({ line }) => line)])];
  const pokes = await Promise.allSettled([
    ...lines.map((line) => ports.lines.poke(line)),
    ...waiting.sources.map((source) => ports.inboxes.poke(source)),
  ]);
  return {
    leases,
    late,
    lines: lines.length,
    sources: waiting.sources.length,
    pokesFailed: pokes.filter(({ status }) => status === "rejected").length,
  };
}
