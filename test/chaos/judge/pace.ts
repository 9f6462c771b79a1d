/** A line's pace as the voice API saw it. Pure. */
import type { Post, Ring } from "../../../dev/simulator/engine/types.ts";

/** The highest pace of a line, beside its limits. */
export type PaceSeen = {
  readonly line: string;
  readonly perMinute: number;
  readonly perMinuteAllowed: number;
  readonly atOnce: number;
  readonly atOnceAllowed: number;
};

const windowMs = 60_000;
/** A call without an outcome counts as going on for this long. */
const callMsMax = 600_000;

/** @returns the most of these moments that lie within one window (its end excluded) */
function mostWithin(moments: readonly number[], ms: number): number {
  const sorted = [...moments].sort((one, other) => one - other);
  let from = 0;
  let most = 0;
  sorted.forEach((moment, index) => {
    while ((sorted[from] ?? moment) <= moment - ms) from++;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

/** @returns the most of these calls that went on at one moment */
export function mostAtOnce(rings: readonly Pick<Ring, "at" | "endedAt">[]): number {
  const steps = rings.flatMap(({ at, endedAt }) => [
    { at, by: 1 },
    { at: endedAt ?? at + callMsMax, by: -1 },
  ]);
  // If a call ends in the millisecond in which another begins, the end comes first.
  steps.sort((one, other) => one.at - other.at || one.by - other.by);
  let going = 0;
  return steps.reduce((most, { by }) => {
    going += by;
    return Math.max(most, going);
  }, 0);
}

/** @param until only what came before counts: an operator may have widened the line then */
export function paceOf(
  line: {
    readonly slug: string;
    readonly agent: string;
    readonly callsPerMinute: number;
    readonly callsAtOnce: number;
  },
  posts: readonly Post[],
  rings: readonly Ring[],
  until: number,
): PaceSeen {
  const ofLine = <Item extends { at: number; agentId: string }>(items: readonly Item[]) =>
    items.filter(({ agentId, at }) => agentId === line.agent && at < until);
  const moments = ofLine(posts).map(({ at }) => at);
  return {
    line: line.slug,
    perMinute: mostWithin(moments, windowMs),
    perMinuteAllowed: line.callsPerMinute,
    atOnce: mostAtOnce(ofLine(rings)),
    atOnceAllowed: line.callsAtOnce,
  };
}
