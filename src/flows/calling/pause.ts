/**
 * Pause and resume of a line by a person: the kill switch. Postgres stores the pause first, so nothing more is claimed.
 * Then the line's object gives back claimed calls that have not begun. A POST on its way to Mihu cannot be stopped.
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

/** Claimed calls that were stopped, and calls in flight, as counted by the line's object. */
type Paused = Pick<ClaimsStopped, "unconfirmedUntil" | "failures"> & {
  readonly givenBack: number;
  readonly inFlight: number;
};

/** Pauses one line. @param detail The person's reason. */
export async function pauseNow(ports: PausePorts, line: string, detail: string, actor: string): Promise<Paused> {
  await ports.pauses.pauseLine(line, "paused_by_person", detail, actor);
  return await halt(ports, line);
}

/** Pauses every existing line. A line that is created later is not paused. */
export async function pauseAllNow(
  ports: PausePorts,
  detail: string,
  actor: string,
): Promise<{ line: string; reason: string; stopped: Paused }[]> {
  const paused = await ports.pauses.pauseAll(detail, actor);
  return await Promise.all(paused.map(async (one) => ({ ...one, stopped: await halt(ports, one.line) })));
}

/**
 * Ends a line's pause, of a person or by Mihu's answer. @returns Unconfirmed if the line's object could not be woken. The sweep wakes
 * it.
 */
export async function resumeNow(
  ports: PausePorts,
  line: string,
  reason: string | undefined,
  actor: string,
): Promise<Confirmation> {
  const resumed = await ports.pauses.resumeLine(line, actor, true, reason);
  return resumed ? await wakeLine(ports, line) : { confirmed: true };
}

/**
 * Ends the pauses of {@link pauseAllNow}. A line that was paused separately stays paused. @returns The lines that
 * resumed.
 */
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
    // The line claims nothing more. An object of an older version may begin its claimed calls until their leases end.
    (error) => ({
      ...{ givenBack: 0, inFlight: 0, unconfirmedUntil: committedAt + leaseMs },
      failures: [{ line, error }],
    }),
  );
}

const wakeLine = ({ clock, lines }: PausePorts, line: string): Promise<Confirmation> =>
  wake(clock, () => lines.poke(line));
