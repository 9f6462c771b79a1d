/**
 * Refresh: after a change of sources is committed, their inboxes load it. Postgres judges by the change from its commit on, whatever an
 * inbox has; an inbox that has it judges by it while Postgres is down as well. While a deploy goes on, Workers and inboxes of an earlier
 * version may go by older copies.
 */
import { olderCopyMs } from "../../domain/limits.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { Clock } from "../../ports/runtime.ts";
import { allConfirmed, type Confirmation, unconfirmed } from "./confirmation.ts";

export type RefreshPorts = { readonly clock: Clock; readonly inboxes: Pick<Inboxes, "refresh"> };

/** @param shards the changed sources, each with the most inboxes that it had before the change or has after it */
export async function refreshInboxes(
  { clock, inboxes }: RefreshPorts,
  shards: ReadonlyMap<string, number>,
): Promise<Confirmation> {
  const ends = await Promise.allSettled([...shards].map(([slug, count]) => inboxes.refresh(slug, count)));
  return allConfirmed(
    ends.map((one): Confirmation => {
      if (one.status === "rejected") return unconfirmed("inbox", clock.now() + olderCopyMs, one.reason);
      if (one.value === null) return { confirmed: true };
      return { confirmed: false, untilMs: one.value, untold: ["earlier_version"], errors: [] };
    }),
  );
}
