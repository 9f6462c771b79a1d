/** The inbox's copy of its source, on its own disk, so that signatures can be verified while Postgres is down. */
import { directoryFreshMs } from "../../domain/limits.ts";
import { withinDeadline } from "../../platform/deadline.ts";
import type { Log } from "../../platform/log.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import type { Disk } from "../disk.ts";

type SourceCopyDeps = { clock: Clock; sources: SourceStore; log: Log };

type InboxSourceCopy = {
  /** The copy at hand, else the source from Postgres; `null`: no such source. Rejects while there is neither a copy nor Postgres. */
  describe(slug: string): Promise<SourceCopy | null>;
  /** Loads the source from Postgres and stores it. */
  reload(slug: string): Promise<SourceCopy | null>;
  /** Whether this is the inbox of a source that exists. */
  isKnown(): boolean;
};

/** How long a webhook waits for a source without a copy. */
const firstWaitMs = 3_000;

const copyKey = "copy";

/** @param waitUntil keeps the object awake for work that outlasts an answer */
export function inboxSourceCopy(
  deps: SourceCopyDeps,
  disk: Disk,
  waitUntil: (work: Promise<unknown>) => void,
): InboxSourceCopy {
  let copy: SourceCopy | null = null;
  let checkedAt = 0;

  const reload = async (slug: string): Promise<SourceCopy | null> => {
    const found = await deps.sources.copy(slug);
    checkedAt = deps.clock.now();
    if (found === null) {
      copy = null;
      disk.delete(copyKey);
    } else if (found.version !== copy?.version) {
      copy = found;
      disk.put(copyKey, found);
    }
    return found;
  };

  return {
    reload,
    async describe(slug) {
      copy ??= disk.get<SourceCopy>(copyKey) ?? null;
      if (copy === null) return await withinDeadline(reload(slug), firstWaitMs);
      // An expired copy is served at once and reloaded behind the answer: verification works while Postgres is down.
      if (deps.clock.now() - checkedAt > directoryFreshMs) {
        checkedAt = deps.clock.now();
        waitUntil(reload(slug).catch((error) => deps.log.warn("source not refreshed", { source: slug, error })));
      }
      return copy;
    },
    isKnown: () => copy !== null,
  };
}
