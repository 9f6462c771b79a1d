/**
 * A budget per time window. For example, a budget of bytes limits a flood of large items as well as one of small items.
 */

export type WindowBudget = {
  /** @returns Whether the whole amount was granted. Otherwise nothing is spent. */
  take(amount: number, nowMs: number): boolean;
};

/** @param windowMs Length of a window. Each window begins with the whole budget. */
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
