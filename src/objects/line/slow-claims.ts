/** Claims that take so long that no call of them may begin: how many there were in a row, and how long the line rests because of them. */
import { postWithinMs } from "../../domain/limits.ts";

/**
 * The first and the longest pause after such a claim. It doubles with each, and ends with the first claim that is fast. Without it the line
 * would claim and give back the same calls as fast as a slow Postgres can.
 */
const pauseMsMin = 5_000;
const pauseMsMax = 60_000;

type SlowClaims = {
  /** When the rest ends during which nothing is claimed; `null`: the line does not rest. */
  restsUntil(nowMs: number): number | null;
  /**
   * A claim found calls.
   *
   * @returns what to do: begin them, or give them back and rest. `first`: the claims before it were fast. `recovered`: they were slow
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
