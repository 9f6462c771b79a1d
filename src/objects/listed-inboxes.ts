/**
 * The inboxes behind the list of names, for requests of strangers: a name that no source has reaches no object.
 *
 * | the name is             | its inbox                                                                  |
 * | ----------------------- | -------------------------------------------------------------------------- |
 * | of a copy, or listed    | is asked as ever                                                           |
 * | not in a complete list  | is not asked: there is no such source. Nobody says so while Postgres seems to be down |
 * | unknown                 | is asked, `unknownAsksMax` times a second over all names; its "no" is no 404 |
 */

import { windowBudget } from "../platform/window-budget.ts";
import type { NameVerdict } from "../ports/ingest/directory.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { SourceCopy } from "../ports/source-copy.ts";

/** Questions a second of one isolate for names of which nobody can say whether they exist. */
export const unknownAsksMax = 5;
const asksWindowMs = 1_000;

/** Time after which a question counts as lost with its request, and time for which a request waits for another one's question. */
const askMaxMs = 4_000;
const pollMs = 15;

/** Time for which an inbox that could not reach Postgres makes every unlisted name unknown: the list cannot be compared then. */
export const awayMs = 10_000;

/** Nobody can say now whether there is a source of this name. */
class NameUnknown extends Error {
  readonly code = "NAME_UNKNOWN";
}
const unknownName = "nobody can say whether there is a source of this name";

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

  /** Asks the inbox of an unknown name once for all requests that wait for it. */
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
