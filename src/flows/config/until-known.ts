import type { Clock } from "../../ports/runtime.ts";
import { type Confirmation, type Untold, unconfirmed } from "./confirmation.ts";

/** Longest wait. The directory names the time, and an error of its clock must not delay an answer further. */
const knownWaitMaxMs = 1_500;

/**
 * Waits until every Worker uses a list of the directory that includes a change.
 *
 * @param told The directory's answer to the change.
 * @param pause Waits for a number of milliseconds.
 */
export async function untilKnown(
  told: { readonly knownInMs: number },
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  if (told.knownInMs > 0) await pause(Math.min(told.knownInMs, knownWaitMaxMs));
}

type AnnouncePorts = { readonly clock: Clock; pause(ms: number): Promise<void> };

/**
 * Tells the directory of a change, and waits until every Worker uses it.
 *
 * @param tell Tells the directory. Rejects if the directory is unreachable, or cannot read the change from Postgres.
 * @param what The part that Workers do not know if `tell` rejects.
 * @param otherwiseMs Time after which Workers know the change even so.
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
