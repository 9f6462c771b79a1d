/** Warnings about released calls: their rule or source would no longer make them. */
import { type Anyway, type MadeCall, ringsAnyway } from "../../domain/calls/rings-anyway.ts";

/** @returns The warnings of one call. */
export function anywayView(call: MadeCall): Anyway[] {
  const anyway = ringsAnyway(call);
  return anyway === null ? [] : [anyway];
}

/** @returns The warnings of many calls, each once with its number of calls. */
export function anywayCounts(calls: readonly MadeCall[]): (Anyway & { readonly count: number })[] {
  const counted = new Map<string, Anyway & { count: number }>();
  for (const call of calls)
    for (const anyway of anywayView(call)) {
      const known = counted.get(anyway.sentence);
      if (known === undefined) counted.set(anyway.sentence, { ...anyway, count: 1 });
      else known.count += 1;
    }
  return [...counted.values()];
}
