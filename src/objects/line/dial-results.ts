/**
 * Dial results that Postgres may not have yet. A claim is held from its start until its result is recorded. Recording
 * is retried until Postgres has the result: no other instance knows it, and a late record does no harm.
 */
import { splitOnRefusal } from "../../flows/split-on-refusal.ts";
import { type Group, groupCommit } from "../../platform/group-commit.ts";
import type { Log } from "../../platform/log.ts";
import type { ClaimRef } from "../../ports/calling/claims.ts";
import type { ClaimJournal } from "../../ports/calling/journal.ts";
import type { DialResult, ResultStore } from "../../ports/calling/results.ts";

/** Time for which a result waits for others, so that a busy line records in batches. */
const recordLingerMs = 50;

/** Results of one recording. */
const recordsPerBatchMax = 64;

/** Pause before a result that Postgres did not store is recorded again. */
const retryPauseMs = 1_000;

type DialResultDeps = {
  readonly results: ResultStore;
  readonly journal: Pick<ClaimJournal, "recorded">;
  readonly log: Log;
};

type DialResults = {
  /** Marks these claims as this instance's own. */
  hold(claims: readonly ClaimRef[]): void;
  /** Releases a claim whose result is known to the journal only. */
  drop(claim: ClaimRef): void;
  holds(claim: ClaimRef): boolean;
  /** Records a result, batched with others that arrive at the same time. */
  record(result: DialResult): void;
  /** Records waiting results now, because no more are expected soon. */
  flush(): void;
  /**
   * Resolves once this instance holds none of these claims, and Postgres has every result that is waiting now. Results
   * of other claims are in Postgres, or in the journal only.
   */
  ended(claims: readonly ClaimRef[]): Promise<void>;
};

/**
 * @param line The line's slug, once it is known.
 * @param recorded Called with results that Postgres has stored.
 */
export function dialResults(
  { results: store, journal, log }: DialResultDeps,
  line: () => string,
  recorded: (results: readonly DialResult[]) => void,
): DialResults {
  const held = new Set<string>();
  /** Held claims with a result that is not recorded yet. */
  const unrecorded = new Set<string>();
  /** Callers that wait for claims to end. */
  let waiters: (() => void)[] = [];
  const group: Group<DialResult, undefined> = groupCommit(commit, {
    weightMax: recordsPerBatchMax,
    itemsMax: recordsPerBatchMax,
    // Unbounded: there are no more results than claimed calls, and none may be dropped.
    waitingMax: Number.POSITIVE_INFINITY,
    waitingWeightMax: Number.POSITIVE_INFINITY,
    lingerMs: recordLingerMs,
  });

  async function commit(results: readonly DialResult[]): Promise<undefined[]> {
    await splitOnRefusal(
      results,
      async (some) => {
        await store.record(line(), [...some]);
        return [];
      },
      store.refuses,
      (refused, error) => {
        // The call's lease ends, and the call is then looked up.
        log.error("Postgres refuses an answer", { line: line(), call: refused.callId, error });
        return [];
      },
    );
    letGo(results);
    await journal.recorded(results);
    recorded(results);
    return results.map(() => undefined);
  }

  function letGo(claims: readonly ClaimRef[]): void {
    for (const claim of claims) {
      held.delete(nameOf(claim));
      unrecorded.delete(nameOf(claim));
    }
    const waited = waiters;
    waiters = [];
    for (const look of waited) look();
  }

  function record(result: DialResult): void {
    held.add(nameOf(result));
    unrecorded.add(nameOf(result));
    group.add(result, 1).catch((error) => {
      log.error("answer not recorded yet", { line: line(), call: result.callId, error });
      setTimeout(() => record(result), retryPauseMs);
    });
  }

  return {
    hold(claims) {
      for (const claim of claims) held.add(nameOf(claim));
    },
    drop: (claim) => letGo([claim]),
    holds: (claim) => held.has(nameOf(claim)),
    record,
    flush: () => group.flush(),
    async ended(claims) {
      const awaited = [...claims.map(nameOf), ...unrecorded];
      while (awaited.some((name) => held.has(name))) await new Promise<void>((resolve) => waiters.push(resolve));
    },
  };
}

function nameOf({ callId, claimSeq }: ClaimRef): string {
  return `${callId}:${claimSeq}`;
}
