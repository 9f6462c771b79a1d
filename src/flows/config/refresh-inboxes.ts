/**
 * Refresh: after a change of sources is committed, their inboxes load it. Postgres judges by the change from its commit on, whatever an
 * inbox has; an inbox that has it judges by it while Postgres is down as well.
 */
import { directoryFreshMs } from "../../domain/limits.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { Clock } from "../../ports/runtime.ts";

export type RefreshPorts = { readonly clock: Clock; readonly inboxes: Pick<Inboxes, "refresh"> };

/**
 * Whether every inbox has a change. `untilMs`: when the copy of the inbox that did not answer has expired and is loaded again, as epoch
 * milliseconds.
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
  return errors.length === 0
    ? { confirmed: true }
    : { confirmed: false, untilMs: clock.now() + directoryFreshMs, errors };
}
