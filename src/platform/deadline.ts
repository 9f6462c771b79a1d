/** The deadline passed. The operation may still complete. */
export class DeadlineExceeded extends Error {
  readonly code = "TOO_LATE";
}

/**
 * Waits for an answer until a deadline. Nothing is stopped at the deadline.
 *
 * @param late makes the error that is thrown at the deadline; by default {@link DeadlineExceeded}
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
 * Runs work that a signal can stop, and aborts it at a deadline. The work itself decides what its abort means.
 *
 * @param work is given the signal, which is not aborted after the work has ended
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

/** Waits for work to end, until a deadline. @returns whether the work ended in time; work that fails rejects */
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
