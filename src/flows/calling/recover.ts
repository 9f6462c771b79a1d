/**
 * Recover: cleans up after an instance of a line that stopped.
 *
 * | the journal says of a claimed call | then                                                              |
 * | ---------------------------------- | ----------------------------------------------------------------- |
 * | an answer arrived                  | the answer is recorded                                            |
 * | not begun, or no journal entry     | the call is given back at once: no instance can begin it any more |
 * | begun, without an answer           | nothing: once the lease ends, the call is `unknown`               |
 */
import { notBegun } from "../../domain/calls/dial.ts";
import type { ClaimRef, ClaimStore } from "../../ports/calling/claims.ts";
import type { ClaimJournal } from "../../ports/calling/journal.ts";
import type { DialResult } from "../../ports/calling/results.ts";

type RecoverPorts = { claims: Pick<ClaimStore, "claimedBy">; journal: ClaimJournal };

/**
 * @param inHand Claims that the caller still holds.
 * @returns The results to record.
 */
export async function recover(
  ports: RecoverPorts,
  line: string,
  inHand: (claim: ClaimRef) => boolean,
): Promise<DialResult[]> {
  const { waiting, answers } = await ports.journal.left();
  // A claim whose answer from Postgres was lost is known to Postgres only.
  const claimed = await ports.claims.claimedBy(line, ports.journal.id);
  const unknownHere = [...waiting, ...claimed].filter((claim) => !inHand(claim));
  const strays = [...new Map(unknownHere.map((claim) => [`${claim.callId} ${claim.claimSeq}`, claim])).values()];
  const released = strays.length === 0 ? [] : await ports.journal.release(strays);
  return [
    ...answers.filter((answer) => !inHand(answer)),
    ...released.map(({ callId, claimSeq }) => ({ callId, claimSeq, ...notBegun("given_back") })),
  ];
}
