/** Pause and resume of a source by a person. A paused source accepts events, and plans them after it resumes. */
import type { SourcePauses } from "../../ports/config/source-pauses.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { FetchNow } from "../../ports/planning/records.ts";
import { allConfirmed, type Confirmation, wake } from "./confirmation.ts";
import { type RefreshPorts, refreshInboxes } from "./refresh-inboxes.ts";

type PauseSourcePorts = RefreshPorts & { pauses: SourcePauses; inboxes: Pick<Inboxes, "refresh" | "poke"> };

/** A source and its number of inboxes. */
export type ShardedSource = { readonly slug: string; readonly shards: number };

/** Pauses a source. Nothing more is planned, whether or not the inboxes confirm. Existing calls are still placed. */
export async function pauseSourceNow(
  ports: PauseSourcePorts,
  source: ShardedSource,
  detail: string,
  actor: string,
): Promise<Confirmation> {
  await ports.pauses.pauseSource(source.slug, detail, actor);
  return await refresh(ports, source);
}

/** Resumes a source. Waiting events are planned in their order. */
export async function resumeSourceNow(
  ports: PauseSourcePorts,
  source: ShardedSource,
  detail: string | undefined,
  actor: string,
): Promise<Confirmation> {
  await ports.pauses.resumeSource(source.slug, detail, actor);
  return await refreshAndWake(ports, source);
}

/** Retries all fetches that events of a source wait for. @returns `asked: null` if the source does not exist. */
export async function fetchSourceNow(
  ports: PauseSourcePorts,
  source: ShardedSource,
  detail: string | undefined,
  actor: string,
): Promise<{ readonly asked: FetchNow; readonly confirmation: Confirmation }> {
  const asked = await ports.pauses.fetchNow(source.slug, detail, actor);
  const confirmation: Confirmation =
    asked === null || asked.paused ? { confirmed: true } : await refreshAndWake(ports, source);
  return { asked, confirmation };
}

async function refresh(ports: PauseSourcePorts, { slug, shards }: ShardedSource): Promise<Confirmation> {
  return await refreshInboxes(ports, new Map([[slug, shards]]));
}

/** Refreshes the source's inboxes and wakes them. */
async function refreshAndWake(ports: PauseSourcePorts, source: ShardedSource): Promise<Confirmation> {
  const refreshed = await refresh(ports, source);
  return allConfirmed([refreshed, await wake(ports.clock, () => ports.inboxes.poke(source.slug))]);
}
