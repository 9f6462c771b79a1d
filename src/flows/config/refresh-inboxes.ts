/**
 * Refresh: after a change of sources is committed, their inboxes load it. Postgres judges by the change from its commit on, whatever an
 * inbox has; an inbox that has it judges by it while Postgres is down as well. While a deploy goes on, Workers and inboxes of an earlier
 * version may go by older copies.
 */
import { olderCopyMs } from "../../domain/limits.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { Clock } from "../../ports/runtime.ts";

export type RefreshPorts = { readonly clock: Clock; readonly inboxes: Pick<Inboxes, "refresh"> };

/**
 * Whether every inbox and every Worker has a change. `untilMs`: when the last older copy has expired, as epoch milliseconds.
 */
export type Confirmation =
  | { readonly confirmed: true }
  | { readonly confirmed: false; readonly untilMs: number; readonly errors: readonly unknown[] };

/** @param shards the changed sources, each with the most inboxes that it had before the change or has after it */
export async function refreshInboxes(
  { clock, inboxes }: RefreshPorts,
  shards: ReadonlyMap<string, number>,
): Promise<Confirmation> {
  const ends = await Promise.allSettled([...shards].map(([slug, count]) => inboxes.refresh(slug, count)));
  const errors = ends.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  const untils = ends.flatMap((one) => (one.status === "rejected" ? [clock.now() + olderCopyMs] : (one.value ?? [])));
  return untils.length === 0 ? { confirmed: true } : { confirmed: false, untilMs: Math.max(...untils), errors };
}
