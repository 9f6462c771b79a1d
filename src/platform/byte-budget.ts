/** How much may be taken in a stretch of time, so that a flood of large things does not cost more than a flood of small ones. */

export type ByteBudget = {
  /** @returns whether it was granted: all of it, or nothing */
  take(amount: number, nowMs: number): boolean;
};

/** @param windowMs after which all of it is free again */
export function byteBudget(amountMax: number, windowMs: number): ByteBudget {
  let since = Number.NEGATIVE_INFINITY;
  let taken = 0;
  return {
    take(amount, nowMs) {
      if (nowMs - since >= windowMs) {
        since = nowMs;
        taken = 0;
      }
      if (taken + amount > amountMax) return false;
      taken += amount;
      return true;
    },
  };
}
