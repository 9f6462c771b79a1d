/** The wait of entries until a signed head stood over them, beside the time in which there was no Postgres. Pure. */
import { percentile } from "../percentile.ts";
import type { Struck } from "../world/strike.ts";
import type { Seal } from "../world/truth.ts";

export type SealWaits = {
  readonly sealed: number;
  /** Entries without a head over them at the end of the run. */
  readonly open: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
  /** The longest wait by the clock on the wall. */
  readonly longestWithOutageMs: number;
};

/** The product's own bound, from which on `/readyz` reports entries without a seal. */
export const sealWithinMs = 20_000;

/** Faults during which nothing can be written or linked. */
const withoutPostgres: ReadonlySet<string> = new Set(["postgres_stop", "postgres_crash"]);

/** @param struck the faults of one Postgres take turns, so their times do not overlap */
export function waitsForSeal(seals: readonly Seal[], struck: readonly Struck[]): SealWaits {
  const outages = struck.filter(({ kind }) => withoutPostgres.has(kind));
  const sealed = seals.flatMap(({ at, sealedAt }) => (sealedAt === null ? [] : [{ at, sealedAt }]));
  const waits = sealed.map(({ at, sealedAt }) => {
    const out = outages.map(({ from, until }) => Math.max(0, Math.min(until, sealedAt) - Math.max(from, at)));
    return sealedAt - at - out.reduce((sum, ms) => sum + ms, 0);
  });
  return {
    sealed: sealed.length,
    open: seals.length - sealed.length,
    p50Ms: percentile(waits, 0.5),
    p99Ms: percentile(waits, 0.99),
    longestMs: percentile(waits, 1),
    longestWithOutageMs: percentile(
      sealed.map(({ at, sealedAt }) => sealedAt - at),
      1,
    ),
  };
}
