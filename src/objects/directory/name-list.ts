/**
 * The directory's list of names. Every Worker gets it, so that an unknown name costs neither an object nor a
 * connection.
 *
 * | the list was                                | a name that is not in it                                          |
 * | ------------------------------------------- | ----------------------------------------------------------------- |
 * | compared with Postgres within `confirmedMs` | belongs to no source: 404                                         |
 * | not, and Postgres answers                   | is looked up: the list is compared first                          |
 * | not, and Postgres is down                   | may belong to a source: the Worker asks its inbox, or answers 503 |
 *
 * A Worker uses a list for `namesFreshMs` after it asked for it. A new name is therefore known everywhere that long
 * after the last complete answer without it.
 */
import { namesFreshMs } from "../../domain/limits.ts";
import { withinDeadline } from "../../platform/deadline.ts";
import type { Log } from "../../platform/log.ts";
import type { NameDirectory } from "../../ports/ingest/directory.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { StoredNames } from "./stored-names.ts";

/** Time for which Postgres' confirmation of the list counts. The sweep confirms it each minute, and may fail once. */
export const confirmedMs = 150_000;

/** Time that an answer waits for the comparison of an unconfirmed list, and pause after a failed comparison. */
const confirmWaitMs = 1_000;
export const confirmPauseMs = 5_000;

/**
 * Time that a doubt waits for the comparison. A Postgres that is down refuses at once, and a busy machine proves
 * nothing.
 */
const doubtWaitMs = 300;

/** Added to the time until a name is known, since clocks of objects advance only with I/O. */
const marginMs = 100;

type NameListDeps = {
  readonly clock: Clock;
  readonly log: Log;
  readonly stored: StoredNames;
  /** Names of all sources, from Postgres. */
  readonly read: () => Promise<readonly string[]>;
};

type NameList = NameDirectory & {
  /**
   * Postgres seems to be down: the list is compared at once, and is unconfirmed if that fails. Resolves when that is
   * known, or soon.
   */
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
  /** Time of the last complete answer. The previous instance may have given one just now. */
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

  /** The running comparison. There is one at a time, and callers share its result. */
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
