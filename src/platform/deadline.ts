/** Somebody did not answer in the time that one wants to wait. What was asked may still come to be. */
export class DeadlineExceeded extends Error {
  readonly code = "TOO_LATE";
}

/** Waits for an answer, but not longer than so many milliseconds. Nothing is stopped by it. */
export async function withinDeadline<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceeded(`there was no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
