/** Bytes that may be spent in a window of time, so that a flood of large items costs no more than a flood of small ones. */

export type ByteBudget = {
  /** @returns whether the whole amount was granted; if not, nothing is spent */
  take(amount: number, nowMs: number): boolean;
};

/** @param windowMs length of a window; the next one begins with the whole budget */
export function byteBudget(amountMax: number, windowMs: number): ByteBudget {
  let since = Number.NEGATIVE_INFINITY;
  let spent = 0;
  return {
    take(amount, nowMs) {
      if (nowMs - since >= windowMs) {
        since = nowMs;
        spent = 0;
      }
      if (spent + amount > amountMax) return false;
      spent += amount;
      return true;
    },
  };
}
