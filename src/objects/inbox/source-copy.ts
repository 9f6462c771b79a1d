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
  /** The copy at hand, else the source from Postgres; `null`: no such source. Rejects while there is neither a copy nor Postgres. */
  describe(slug: string): Promise<SourceCopy | null>;
  /**
   * The source as Postgres has it after this was asked. Rejects if Postgres does not answer, whatever the copy at hand: the copy may lack a
   * change that this inbox did not confirm, and a sender that does not retry a 401 loses a good webhook that is refused.
   */
  current(slug: string): Promise<SourceCopy | null>;
  /** Loads the source from Postgres and stores it. One load at a time: those that are asked for during one share the next. */
  reload(slug: string): Promise<SourceCopy | null>;
  /** Whether this is the inbox of a source that exists. */
  isKnown(): boolean;
};

/** How long a webhook waits for a source without a copy. */
const firstWaitMs = 3_000;

/** How long a webhook waits for the answer whether a copy is the present one. */
const currentWaitMs = 1_000;

/** Loads that wait for one under way. Past it a load fails. */
const reloadsWaitingMax = 10_000;

const copyKey = "copy";

/** @param waitUntil keeps the object awake for work that outlasts an answer */
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

  /** Postgres went back: its source is taken as it is, paused, and the secrets that are active again are named. */
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
      // An expired copy is served at once and reloaded behind the answer: verification works while Postgres is down.
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
