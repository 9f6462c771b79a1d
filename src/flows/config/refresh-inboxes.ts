/**
 * Refresh: inboxes load a changed source after its commit. Postgres applies the change from the commit on, whatever
 * copy an inbox has. An inbox that has loaded it also applies it while Postgres is down. During a deploy, Workers and
 * inboxes of an earlier version may use older copies.
 */
import { olderCopyMs } from "../../domain/limits.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { Clock } from "../../ports/runtime.ts";
import { allConfirmed, type Confirmation, unconfirmed } from "./confirmation.ts";

export type RefreshPorts = { readonly clock: Clock; readonly inboxes: Pick<Inboxes, "refresh"> };

/** @param shards The changed sources, each with its highest number of inboxes before or after the change. */
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
