/** An amount that may be spent in a window of time: of bytes, so that a flood of large items costs no more than one of small ones; of questions. */

export type WindowBudget = {
  /** @returns whether the whole amount was granted; if not, nothing is spent */
  take(amount: number, nowMs: number): boolean;
};

/** @param windowMs length of a window; the next one begins with the whole budget */
export function windowBudget(amountMax: number, windowMs: number): WindowBudget {
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
