/**
 * Pause and resume of a line by a person: the kill switch. Postgres is told first, so that nothing more is claimed; then the line's
 * object, which gives back what it has claimed and not begun. What is on its way to Mihu cannot be called back.
 */
import { leaseMs } from "../../domain/limits.ts";
import type { LineObjects } from "../../ports/calling/line-objects.ts";
import type { LinePauses } from "../../ports/calling/line-pauses.ts";
import type { Clock } from "../../ports/runtime.ts";
import { type Confirmation, wake } from "../config/confirmation.ts";
import type { ClaimsStopped } from "./stop.ts";

export type PausePorts = {
  clock: Clock;
  pauses: Pick<LinePauses, "pauseLine" | "resumeLine" | "pauseAll" | "resumeAll">;
  lines: Pick<LineObjects, "halt" | "poke">;
};

/** The claimed calls that were stopped at once, and those that were under way, as the line's object counts them. */
type Paused = Pick<ClaimsStopped, "unconfirmedUntil" | "failures"> & {
  readonly givenBack: number;
  readonly inFlight: number;
};

/** Stops one line. @param detail why, in the person's words */
export async function pauseNow(ports: PausePorts, line: string, detail: string, actor: string): Promise<Paused> {
  await ports.pauses.pauseLine(line, "paused_by_person", detail, actor);
  return await halt(ports, line);
}

/** Stops every line that there is. A line that is made afterwards goes on. */
export async function pauseAllNow(
  ports: PausePorts,
  detail: string,
  actor: string,
): Promise<{ line: string; reason: string; stopped: Paused }[]> {
  const paused = await ports.pauses.pauseAll(detail, actor);
  return await Promise.all(paused.map(async (one) => ({ ...one, stopped: await halt(ports, one.line) })));
}

/** Ends a line's pause, whoever began it. @returns not confirmed: its object could not be woken, and the sweep wakes it */
export async function resumeNow(
  ports: PausePorts,
  line: string,
  reason: string | undefined,
  actor: string,
): Promise<Confirmation> {
  const resumed = await ports.pauses.resumeLine(line, actor, true, reason);
  return resumed ? await wakeLine(ports, line) : { confirmed: true };
}

/** Ends what {@link pauseAllNow} began; a line that was paused for a reason of its own stays so. @returns the lines that go on */
export async function resumeAllNow(
  ports: PausePorts,
  reason: string | undefined,
  actor: string,
): Promise<{ line: string; confirmation: Confirmation }[]> {
  const lines = await ports.pauses.resumeAll(reason, actor);
  return await Promise.all(lines.map(async (line) => ({ line, confirmation: await wakeLine(ports, line) })));
}

async function halt({ clock, lines }: PausePorts, line: string): Promise<Paused> {
  const committedAt = clock.now();
  return await lines.halt(line).then(
    (halted) => ({ ...halted, unconfirmedUntil: null, failures: [] }),
    // The line claims nothing more. An object of an older version begins what it has claimed at any time of the lease.
    (error) => ({
      ...{ givenBack: 0, inFlight: 0, unconfirmedUntil: committedAt + leaseMs },
      failures: [{ line, error }],
    }),
  );
}

const wakeLine = ({ clock, lines }: PausePorts, line: string): Promise<Confirmation> =>
  wake(clock, () => lines.poke(line));
