/** The deadline passed. The operation may still complete. */
export class DeadlineExceeded extends Error {
  readonly code = "TOO_LATE";
}

/**
 * Waits for an answer until a deadline. The work itself is not stopped.
 *
 * @param late Creates the error that is thrown at the deadline. Default: {@link DeadlineExceeded}.
 */
export async function withinDeadline<T>(
  answer: Promise<T>,
  ms: number,
  late: () => Error = () => new DeadlineExceeded(`there was no answer within ${ms} ms`),
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs work with an abort signal that fires at a deadline. The work decides how to react.
 *
 * @param work Gets the signal. It is never aborted after the work has ended.
 */
export async function abortedAt<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);
  try {
    return await work(abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for work to end, up to a deadline. @returns Whether the work ended in time. Failed work rejects. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new DeadlineExceeded();
  try {
    await withinDeadline(work, ms, () => late);
    return true;
  } catch (error) {
    if (error === late) return false;
    throw error;
  }
}
