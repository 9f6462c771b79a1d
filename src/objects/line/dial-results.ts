/**
 * Answers: what a line knows and Postgres does not yet. A claim is held from the moment at which it was made until its end is recorded;
 * an answer is recorded for as long as it takes, for nobody else knows it, and late it does no harm.
 */
import { recordLingerMs, recordsPerBatchMax } from "../../domain/limits.ts";
import { splitOnRefusal } from "../../flows/split-on-refusal.ts";
import { type Group, groupCommit } from "../../platform/group-commit.ts";
import type { Log } from "../../platform/log.ts";
import type { ClaimJournal, ClaimRef } from "../../ports/calling/journal.ts";
import type { CallStore, DialResult } from "../../ports/calling/line.ts";

/** Pauses between tries to record an answer that Postgres did not take. */
const recordPauseMs = 1_000;

export type DialResultDeps = {
  readonly calls: Pick<CallStore, "record" | "refuses">;
  readonly journal: Pick<ClaimJournal, "recorded">;
  readonly log: Log;
};

export type DialResults = {
  /** These claims are this instance's own. */
  hold(claims: readonly ClaimRef[]): void;
  /** This instance knows nothing of that claim any more: the journal says what became of it. */
  drop(claim: ClaimRef): void;
  holds(claim: ClaimRef): boolean;
  /** Records an answer, together with others that come at the same time. */
  keep(result: DialResult): void;
  /** Nothing more will come soon: what is kept is recorded now. */
  flush(): void;
};

/**
 * @param line the line's slug, once it is known
 * @param recorded is told what Postgres has taken
 */
export function dialResults(
  { calls, journal, log }: DialResultDeps,
  line: () => string,
  recorded: (results: readonly DialResult[]) => void,
): DialResults {
  const held = new Set<string>();
  const group: Group<DialResult, undefined> = groupCommit(record, {
    weightMax: recordsPerBatchMax,
    itemsMax: recordsPerBatchMax,
    // An answer must be recorded: there are no more of them than calls that were claimed.
    waitingMax: Number.POSITIVE_INFINITY,
    waitingWeightMax: Number.POSITIVE_INFINITY,
    lingerMs: recordLingerMs,
  });

  async function record(results: readonly DialResult[]): Promise<undefined[]> {
    await splitOnRefusal(
      results,
      async (some) => {
        await calls.record(line(), [...some]);
        return [];
      },
      calls.refuses,
      (refused, error) => {
        // Its lease will end, and the call is then looked up.
        log.error("Postgres refuses an answer", { line: line(), call: refused.callId, error });
        return [];
      },
    );
    for (const result of results) held.delete(nameOf(result));
    await journal.recorded(results);
    recorded(results);
    return results.map(() => undefined);
  }

  function keep(result: DialResult): void {
    held.add(nameOf(result));
    group.add(result, 1).catch((error) => {
      log.error("answer not recorded yet", { line: line(), call: result.callId, error });
      setTimeout(() => keep(result), recordPauseMs);
    });
  }

  return {
    hold(claims) {
      for (const claim of claims) held.add(nameOf(claim));
    },
    drop: (claim) => void held.delete(nameOf(claim)),
    holds: (claim) => held.has(nameOf(claim)),
    keep,
    flush: () => group.flush(),
  };
}

function nameOf({ callId, claimSeq }: ClaimRef): string {
  return `${callId}:${claimSeq}`;
}
