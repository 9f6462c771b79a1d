/** The inbox's copy of its source, on its own disk, so that signatures can be verified while Postgres is down. */
import { directoryFreshMs } from "../../domain/limits.ts";
import { withinDeadline } from "../../platform/deadline.ts";
import { groupCommit } from "../../platform/group-commit.ts";
import type { Log } from "../../platform/log.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import type { Disk } from "../disk.ts";
import { type OlderCopies, olderCopies } from "./older-copies.ts";

type SourceCopyDeps = { clock: Clock; sources: SourceStore; log: Log };

type InboxSourceCopy = {
  /**
   * The copy at hand, or the source from Postgres; null if it does not exist. Rejects without both a copy and Postgres.
   */
  describe(slug: string): Promise<SourceCopy | null>;
  /**
   * The source in Postgres, read after this call. Rejects if Postgres does not answer, even with a copy at hand: the
   * copy may lack an unconfirmed change, and a sender that does not retry after a 401 would lose a valid webhook.
   */
  current(slug: string): Promise<SourceCopy | null>;
  /**
   * Loads the source from Postgres and stores it. There is one load at a time. Calls during a load share the next load.
   */
  reload(slug: string): Promise<SourceCopy | null>;
  /** Whether this is the inbox of a source that exists. */
  isKnown(): boolean;
};

/** Time that a webhook waits for a source without a copy. */
const firstWaitMs = 3_000;

/** Time that a webhook waits to learn whether a copy is current. */
const currentWaitMs = 1_000;

/** Calls that wait for the next load. Further ones fail. */
const reloadsWaitingMax = 10_000;

const copyKey = "copy";

/** @param waitUntil Keeps the object awake for work that outlasts an answer. */
export function inboxSourceCopy(
  deps: SourceCopyDeps,
  disk: Disk,
  waitUntil: (work: Promise<unknown>) => void,
): InboxSourceCopy & { readonly older: OlderCopies } {
  const { sources, clock, log } = deps;
  let copy: SourceCopy | null = null;
  let checkedAt = 0;
  const older = olderCopies(clock, disk, () => disk.get(copyKey) !== undefined);

  const known = (): SourceCopy | null => {
    copy ??= disk.get<SourceCopy>(copyKey) ?? null;
    return copy;
  };

  /** Handles a restored Postgres: its source is used as it is, paused, and secrets that are active again are named. */
  const takeRestored = async (before: SourceCopy, found: SourceCopy): Promise<SourceCopy | null> => {
    const secrets = found.secrets.map(({ id }) => id).filter((id) => !before.secrets.some((one) => one.id === id));
    const versions = { known: before.version, found: found.version };
    log.error("Postgres has an older version of the source: it was restored", {
      source: found.slug,
      ...versions,
      activeAgain: secrets,
    });
    await sources.wentBack(found.slug, { ...versions, activeAgain: secrets });
    return await sources.copy(found.slug);
  };

  const load = async (slug: string): Promise<SourceCopy | null> => {
    const before = known();
    let found = await sources.copy(slug);
    if (found !== null && before !== null && found.version < before.version) found = await takeRestored(before, found);
    checkedAt = clock.now();
    if (found === null) {
      copy = null;
      disk.delete(copyKey);
    } else if (found.version !== before?.version) {
      copy = found;
      disk.put(copyKey, found);
      older.stored();
    }
    return found;
  };

  const loads = groupCommit<string, SourceCopy | null>(
    async (slugs) => {
      const [slug] = slugs;
      const found = slug === undefined ? null : await load(slug);
      return slugs.map(() => found);
    },
    {
      weightMax: reloadsWaitingMax,
      itemsMax: reloadsWaitingMax,
      waitingMax: reloadsWaitingMax,
      waitingWeightMax: reloadsWaitingMax,
      lingerMs: 0,
    },
  );
  const reload = (slug: string): Promise<SourceCopy | null> => loads.add(slug, 1);

  return {
    reload,
    async describe(slug) {
      const held = known();
      if (held === null) return await withinDeadline(reload(slug), firstWaitMs);
      // An expired copy is returned at once and reloaded in the background, so verification works while Postgres is
      // down.
      if (clock.now() - checkedAt > directoryFreshMs) {
        checkedAt = clock.now();
        waitUntil(reload(slug).catch((error) => log.warn("source not refreshed", { source: slug, error })));
      }
      return held;
    },
    async current(slug) {
      return await withinDeadline(reload(slug), known() === null ? firstWaitMs : currentWaitMs);
    },
    isKnown: () => copy !== null,
    older,
  };
}
