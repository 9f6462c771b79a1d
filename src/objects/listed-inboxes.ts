/**
 * Inboxes behind the list of names. A request for an unknown name reaches no object.
 *
 * | the name is            | its inbox                                                                       |
 * | ---------------------- | ------------------------------------------------------------------------------- |
 * | of a copy, or listed   | is asked                                                                        |
 * | not in a complete list | is not asked: the source does not exist, unless Postgres seems to be down       |
 * | unknown                | is asked, `unknownAsksMax` times a second over all names; its "no" is not a 404 |
 */

import { windowBudget } from "../platform/window-budget.ts";
import type { NameVerdict } from "../ports/ingest/directory.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { SourceCopy } from "../ports/source-copy.ts";

/** Requests per second of one isolate for names that may or may not exist. */
export const unknownAsksMax = 5;
const asksWindowMs = 1_000;

/** Time after which a request to an inbox counts as lost, and time that other requests wait for its answer. */
const askMaxMs = 4_000;
const pollMs = 15;

/**
 * Time for which all unlisted names are unknown after an inbox could not reach Postgres, because the list cannot be
 * compared.
 */
export const awayMs = 10_000;

/** Thrown if it cannot be decided now whether a source has this name. */
class NameUnknown extends Error {
  readonly code = "NAME_UNKNOWN";
}
const unknownName = "unknown whether a source of this name exists";

type ListedDeps = {
  readonly inboxes: Inboxes;
  /** Whether this isolate has a copy of the source, however old. */
  readonly hasCopy: (slug: string) => boolean;
  readonly verdict: (slug: string) => Promise<NameVerdict>;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
};

export function listedInboxes({ inboxes, hasCopy, verdict, now, pause }: ListedDeps): Inboxes {
  const asks = windowBudget(unknownAsksMax, asksWindowMs);
  let awayAt = Number.NEGATIVE_INFINITY;
  /** Unknown names whose inboxes are being asked, and since when. */
  const asked = new Map<string, number>();

  /** Asks the inbox of an unknown name once for all waiting requests. */
  async function describeUnknown(slug: string): Promise<SourceCopy> {
    const arrivedAt = now();
    for (;;) {
      if (!hasCopy(slug) && now() - (asked.get(slug) ?? Number.NEGATIVE_INFINITY) < askMaxMs) {
        if (now() - arrivedAt >= askMaxMs) throw new NameUnknown(unknownName);
        await pause(pollMs);
        continue;
      }
      if (!hasCopy(slug) && !asks.take(1, now())) throw new NameUnknown(unknownName);
      asked.set(slug, now());
      try {
        const copy = await inboxes.describe(slug);
        if (copy === null) throw new NameUnknown(unknownName);
        return copy;
      } finally {
        asked.delete(slug);
      }
    }
  }

  return {
    ...inboxes,
    async describe(slug) {
      if (hasCopy(slug)) return await inboxes.describe(slug);
      const found = await verdict(slug);
      if (found === "listed") return await inboxes.describe(slug);
      if (found === "not_listed") {
        if (now() - awayAt < awayMs) throw new NameUnknown(unknownName);
        return null;
      }
      return await describeUnknown(slug);
    },
    async accept(slug, events, how) {
      const answer = await inboxes.accept(slug, events, how);
      const isAway = answer.ok ? answer.spilled === true : answer.reason === "away" && answer.leftOut !== true;
      if (isAway) awayAt = now();
      else awayAt = Number.NEGATIVE_INFINITY;
      return answer;
    },
  };
}
