/** Claims so slow that none of their calls may begin: their number in a row, and the line's rest after them. */
import { postWithinMs } from "../../domain/limits.ts";

/**
 * Shortest and longest pause after a slow claim. It doubles with each, and ends with the first fast claim. Without a
 * pause, the line would claim and give back the same calls as fast as a slow Postgres can.
 */
const pauseMsMin = 5_000;
const pauseMsMax = 60_000;

type SlowClaims = {
  /** End of the rest, during which nothing is claimed; null if the line does not rest. */
  restsUntil(nowMs: number): number | null;
  /**
   * Judges the time of a claim that found calls.
   *
   * @returns Whether to begin the calls, or to give them back and rest. `first`: earlier claims were fast. `recovered`:
   *   they were slow.
   */
  took(
    tookMs: number,
    nowMs: number,
  ):
    | { readonly slow: false; readonly recovered: boolean }
    | { readonly slow: true; readonly first: boolean; readonly pauseMs: number };
};

/** The memory of one instance of a line. */
export function slowClaims(): SlowClaims {
  let inRow = 0;
  let restsUntil = Number.NEGATIVE_INFINITY;
  return {
    restsUntil: (nowMs) => (nowMs < restsUntil ? restsUntil : null),
    took(tookMs, nowMs) {
      if (tookMs < postWithinMs) {
        const recovered = inRow > 0;
        inRow = 0;
        return { slow: false, recovered };
      }
      const pauseMs = Math.min(pauseMsMin * 2 ** inRow, pauseMsMax);
      inRow++;
      restsUntil = nowMs + pauseMs;
      return { slow: true, first: inRow === 1, pauseMs };
    },
  };
}
