/**
 * Readiness for callers without a token: one word of one object. However many callers ask, it is read at most once per
 * `wordFreshMs` over one connection. Callers therefore cannot use up the connections that it reports on.
 */
import type { HealthLookups, Problem, ReadinessWord } from "../ports/lookups/readiness.ts";
import type { Clock } from "../ports/runtime.ts";
import type { ReadinessPorts } from "./readiness.ts";
import { abilityOf, databaseUnavailable, type ExplainedProblem, problemsOf, readinessWithout } from "./readiness.ts";

/** Age after which the last word is read again. */
const wordFreshMs = 1_000;

/** Age after which a word is void: the object could not read another since. */
export const wordKeptMs = 90_000;

/** The problem if readiness could not be read. */
const readinessUnknown: Problem = { code: "readiness_unknown", since: null, count: 0, rows: [] };

/** Makes the word from problems. @param more Further public facts. */
export function wordOf(
  at: number,
  problems: readonly ExplainedProblem[],
  more: Pick<ReadinessWord, "missingMigrations" | "eventsWait">,
): ReadinessWord {
  const { status, worst, placesCalls, takesWebhooks } = abilityOf(problems);
  const { code, severity } = worst ?? {};
  return {
    at,
    status,
    worst: code === undefined || severity === undefined ? null : { code, severity },
    placesCalls,
    takesWebhooks,
    ...more,
  };
}

/** The word while none is read, or the last one is void. */
export function unknownWord(at: number): ReadinessWord {
  const problems = problemsOf({ pausedLines: [], problems: [readinessUnknown] });
  return wordOf(at, problems, { missingMigrations: [], eventsWait: null });
}

export type WordPorts = ReadinessPorts & {
  readonly clock: Clock;
  /** The inboxes, with a shorter deadline. */
  readonly inboxesAgain: ReadinessPorts["inboxes"];
  /** Whether a thrown value means that Postgres is down or exceeds its deadline. */
  readonly isAway: (error: unknown) => boolean;
};

/** Reads the word. Throws if Postgres answers and the queries fail, which is a bug. */
export async function readWord({ clock, lookups, inboxes, inboxesAgain, isAway }: WordPorts): Promise<ReadinessWord> {
  const at = clock.now();
  const [spilled, found] = await Promise.all([readinessWithout({ inboxes }), unlessAway(lookups.readiness(), isAway)]);
  if (found === null) {
    // Events that arrived during the wait for Postgres are on the disks of their inboxes by now.
    const again = await readinessWithout({ inboxes: inboxesAgain });
    const problems = problemsOf({ pausedLines: [], problems: [databaseUnavailable, ...again.problems] });
    const eventsWait = again.eventsWait ?? (spilled.eventsWait === true ? true : null);
    return wordOf(at, problems, { missingMigrations: [], eventsWait });
  }
  const problems = problemsOf({ ...found, problems: [...spilled.problems, ...found.problems] });
  return wordOf(at, problems, { missingMigrations: found.missingMigrations, eventsWait: null });
}

async function unlessAway(
  found: ReturnType<HealthLookups["readiness"]>,
  isAway: WordPorts["isAway"],
): Promise<Awaited<typeof found> | null> {
  try {
    return await found;
  } catch (error) {
    if (isAway(error)) return null;
    throw error;
  }
}

/**
 * Returns the last word, reading it again if it is older than `wordFreshMs`. Callers during a read share its result.
 *
 * @param read Reads the word, within its own deadline.
 * @param failed Called after a failed read. The last word stays valid meanwhile.
 * @returns Null if no word was read yet.
 */
export function lastWord(
  clock: Clock,
  read: () => Promise<ReadinessWord>,
  failed: (error: unknown) => void,
): () => Promise<ReadinessWord | null> {
  let last: ReadinessWord | null = null;
  let reading: Promise<void> | null = null;
  const readOnce = async (): Promise<void> => {
    try {
      last = await read();
    } catch (error) {
      failed(error);
    } finally {
      reading = null;
    }
  };
  return async () => {
    if (last !== null && clock.now() - last.at < wordFreshMs) return last;
    reading ??= readOnce();
    await reading;
    return last;
  };
}

/**
 * Caches the object's word in an isolate for up to `wordFreshMs`, so that a flood of requests costs a few calls per
 * second. Requests on workerd share plain data only, so each request without a fresh word asks the object itself.
 */
export function keptWord(clock: Clock, ask: () => Promise<ReadinessWord | null>): () => Promise<ReadinessWord | null> {
  let last: { readonly word: ReadinessWord; readonly askedAt: number } | null = null;
  return async () => {
    const askedAt = clock.now();
    // Both clocks are compared: the object's may be behind this one.
    if (last !== null && askedAt - Math.min(last.askedAt, last.word.at) < wordFreshMs) return last.word;
    const word = await ask();
    if (word !== null) last = { word, askedAt };
    return word;
  };
}
