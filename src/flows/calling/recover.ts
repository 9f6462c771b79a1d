/**
 * Recover: what an instance of a line left behind when it was stopped.
 *
 * | the call is claimed, and the journal says         | then                                                       |
 * | ------------------------------------------------- | ---------------------------------------------------------- |
 * | an answer came                                    | it is recorded                                             |
 * | not begun, or not even that it was claimed        | it goes back at once: nobody can begin it any more         |
 * | begun, and no answer                              | nothing: its lease ends, and it is `unknown`               |
 */
import { notBegun } from "../../domain/calls/dial.ts";
import type { ClaimRef, ClaimStore } from "../../ports/calling/claims.ts";
import type { ClaimJournal } from "../../ports/calling/journal.ts";
import type { DialResult } from "../../ports/calling/results.ts";

type RecoverPorts = { claims: Pick<ClaimStore, "claimedBy">; journal: ClaimJournal };

/**
 * @param inHand the claims that the caller itself still holds
 * @returns what is to be recorded
 */
export async function recover(
  ports: RecoverPorts,
  line: string,
  inHand: (claim: ClaimRef) => boolean,
): Promise<DialResult[]> {
  const { waiting, answers } = await ports.journal.left();
  // A claim whose answer was lost on the way is in Postgres alone.
  const claimed = await ports.claims.claimedBy(line, ports.journal.id);
  const unknownHere = [...waiting, ...claimed].filter((claim) => !inHand(claim));
  const strays = [...new Map(unknownHere.map((claim) => [`${claim.callId} ${claim.claimSeq}`, claim])).values()];
  const released = strays.length === 0 ? [] : await ports.journal.release(strays);
  return [
    ...answers.filter((answer) => !inHand(answer)),
    ...released.map(({ callId, claimSeq }) => ({ callId, claimSeq, ...notBegun("given_back") })),
  ];
}
