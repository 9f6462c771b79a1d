import type { Clock } from "../../ports/runtime.ts";
import { type Confirmation, type Untold, unconfirmed } from "./confirmation.ts";

/** The longest wait. The directory names the time; a wrong clock of its own must not hold an answer up. */
const knownWaitMaxMs = 1_500;

/**
 * Waits until every Worker judges by a list of the directory that has a change.
 *
 * @param told the directory's answer to the change
 * @param pause waits for so many milliseconds
 */
export async function untilKnown(
  told: { readonly knownInMs: number },
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  if (told.knownInMs > 0) await pause(Math.min(told.knownInMs, knownWaitMaxMs));
}

type AnnouncePorts = { readonly clock: Clock; pause(ms: number): Promise<void> };

/**
 * Tells the directory of a change, and waits until every Worker judges by it.
 *
 * @param tell tells the directory. It rejects if the directory cannot be reached, or cannot read the change from Postgres
 * @param what the change that Workers do not know then
 * @param otherwiseMs the time after which they know it all the same
 */
export async function announce(
  { clock, pause }: AnnouncePorts,
  tell: () => Promise<{ readonly knownInMs: number }>,
  what: Extract<Untold, "names" | "keys">,
  otherwiseMs: number,
): Promise<Confirmation> {
  try {
    await untilKnown(await tell(), pause);
    return { confirmed: true };
  } catch (error) {
    return unconfirmed(what, clock.now() + otherwiseMs, error);
  }
}
