/**
 * The directory's list of names: served to every Worker, so that a name that no source has costs neither an object nor a connection.
 *
 * | the list was                                | a name that is not in it                                      |
 * | ------------------------------------------- | ------------------------------------------------------------- |
 * | compared with Postgres within `confirmedMs` | belongs to no source: 404                                     |
 * | not, and Postgres can be asked              | is looked up: the list is compared first                      |
 * | not, and Postgres is down                   | may belong to a source: the Worker asks its inbox, or says 503 |
 *
 * A Worker judges by a list for `namesFreshMs` after it asked for it. So a name that was added is known everywhere that long after the
 * last complete answer without it.
 */
import { namesFreshMs } from "../../domain/limits.ts";
import { withinDeadline } from "../../platform/deadline.ts";
import type { Log } from "../../platform/log.ts";
import type { NameDirectory } from "../../ports/ingest/directory.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { StoredNames } from "./stored-names.ts";

/** Time for which Postgres' confirmation of the list counts. The sweep asks for one each minute, and may fail once. */
export const confirmedMs = 150_000;

/** Time that an answer waits for the comparison of an unconfirmed list, and pause after a comparison that failed. */
const confirmWaitMs = 1_000;
export const confirmPauseMs = 5_000;

/** Time that a doubt waits for the comparison: a Postgres that is down refuses at once, and a busy machine proves nothing. */
const doubtWaitMs = 300;

/** Added to the time until a name is known, since clocks of objects tick with their I/O. */
const marginMs = 100;

type NameListDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly stored: StoredNames;
  /** Names of all sources, from Postgres. */
  readonly read: () => Promise<readonly string[]>;
};

type NameList = NameDirectory & {
  /** Postgres seems to be down: the list is compared at once, and counts no longer if that fails. Resolves when that is known, or soon. */
  doubt(): Promise<void>;
};

export function nameList({ clock, log, stored, read }: NameListDeps): NameList {
  let failedAt = Number.NEGATIVE_INFINITY;
  let comparing: Promise<void> | null = null;
  let knownAt = Number.NEGATIVE_INFINITY;

  const isConfirmed = (): boolean => {
    const at = stored.confirmedAt();
    return at !== null && clock.now() - at < confirmedMs;
  };
  /** The last complete answer: the instance before this one may have given one just now. */
  let servedAt = isConfirmed() ? clock.now() : Number.NEGATIVE_INFINITY;

  async function compare(): Promise<void> {
    const askedAt = clock.now();
    try {
      add(await read());
      stored.setConfirmed(askedAt);
    } catch (error) {
      failedAt = clock.now();
      stored.setConfirmed(null);
      throw error;
    }
  }

  /** One comparison at a time: every caller until its end joins it. */
  function confirm(): Promise<void> {
    comparing ??= compare().finally(() => {
      comparing = null;
    });
    return comparing;
  }

  function add(names: readonly string[]): void {
    if (stored.add(names)) knownAt = Math.max(knownAt, servedAt + namesFreshMs + marginMs);
  }

  return {
    async names(version) {
      if (!isConfirmed() && clock.now() - failedAt >= confirmPauseMs)
        await withinDeadline(confirm(), confirmWaitMs).catch((error) =>
          log.warn("names of sources not compared with Postgres", { error }),
        );
      const complete = isConfirmed();
      if (complete) servedAt = clock.now();
      const current = stored.version();
      return { version: current, complete, names: version === current ? null : stored.list() };
    },
    async add(names) {
      add(names);
      return { knownInMs: Math.max(0, knownAt - clock.now()) };
    },
    confirm,
    async doubt() {
      if (isConfirmed()) await withinDeadline(confirm(), doubtWaitMs).catch(() => {});
    },
  };
}
