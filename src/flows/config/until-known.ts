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
