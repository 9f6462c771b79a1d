/** Figures of hours and days: what is counted, and how waiting times are summed up. */
import { outcomes } from "./calls/call.ts";

/**
 * Growth of the classes of waiting times. A time stands for its class, so percentiles are right to within 10 %, and the
 * counts of hours can be added to those of days.
 */
export const waitClassGrowth = 1.2;

/** Names of figures. Waiting times are `wait:` and their class, outcomes `outcome:` and theirs. */
export const figureNames = { rings: "rings", held: "held", review: "review" } as const;
export const waitPrefix = "wait:";
export const outcomePrefix = "outcome:";

/** The figures of one hour or day. */
export type Figures = {
  readonly rings: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly held: number;
  readonly review: number;
  /** Seconds from the due time of a call to its placing; null if no call was placed. */
  readonly waiting: { readonly p50: number; readonly p95: number } | null;
};

/** @param counts Counts by name. */
export function figuresOf(counts: ReadonlyMap<string, number>): Figures {
  const of = (name: string) => counts.get(name) ?? 0;
  const waits = [...counts]
    .filter(([name]) => name.startsWith(waitPrefix))
    .map(([name, count]): [number, number] => [Number(name.slice(waitPrefix.length)), count])
    .sort(([one], [other]) => one - other);
  return {
    rings: of(figureNames.rings),
    outcomes: Object.fromEntries(outcomes.map((outcome) => [outcome, of(`${outcomePrefix}${outcome}`)])),
    held: of(figureNames.held),
    review: of(figureNames.review),
    waiting: waits.length === 0 ? null : { p50: percentile(waits, 0.5), p95: percentile(waits, 0.95) },
  };
}

/** @param classes Classes in their order, each with its count. @returns Seconds, to a tenth. */
function percentile(classes: readonly (readonly [number, number])[], part: number): number {
  const all = classes.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  const found = classes.find(([, count]) => {
    seen += count;
    return seen >= all * part;
  });
  // The middle of the class. The first one also has calls that did not wait.
  const [index] = found ?? [0];
  return index === 0 ? 0 : Math.round((waitClassGrowth ** (index + 0.5) - 1) * 10) / 10;
}
