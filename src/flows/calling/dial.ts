/** Dials one claimed call of a line. Its lease is committed before. The POST happens here, once. */
import {
  beginsBefore,
  endOfDial,
  type LineEffect,
  type NotBegun,
  notBegun,
  type PlaceAnswer,
} from "../../domain/calls/dial.ts";
import type { Claim, ClaimedCall, ClaimStore, Rung } from "../../ports/calling/claims.ts";
import type { ClaimJournal } from "../../ports/calling/journal.ts";
import type { LinePauses } from "../../ports/calling/line-pauses.ts";
import type { DialResult } from "../../ports/calling/results.ts";
import type { Voice } from "../../ports/calling/voice.ts";
import type { Clock } from "../../ports/runtime.ts";

export type DialPorts = {
  clock: Clock;
  claims: ClaimStore;
  pauses: Pick<LinePauses, "pauseLine" | "holdLine">;
  voice: Pick<Voice, "place">;
  journal: ClaimJournal;
};

/** The result of a dial, and its effect on the line. */
type Dialled = { readonly result: DialResult; readonly effect: LineEffect };

/**
 * Dials one call.
 *
 * @param claimedAt Start of the claim by our clock, and so never later than by Postgres' clock.
 * @param stopped Why the line begins no more calls of this claim; null if it may begin them.
 */
export async function dial(
  ports: DialPorts,
  call: ClaimedCall,
  claimedAt: number,
  stopped: () => NotBegun | null = () => null,
): Promise<Dialled> {
  const of = { callId: call.id, claimSeq: call.claimSeq };
  const backWith = (reason: NotBegun): Dialled => ({
    result: { ...of, ...notBegun(reason) },
    effect: { kind: "none" },
  });
  const tooLateAt = beginsBefore(claimedAt, call.openMs);
  // A line that missed a stop honours it two seconds after the claim: the call is given back, and the next claim asks
  // every gate.
  const why = (): NotBegun | null => stopped() ?? (ports.clock.now() >= tooLateAt ? "not_begun" : null);
  const before = why();
  if (before !== null) return backWith(before);
  // The journal is written before the POST. After a kill, the next instance knows that this call may have rung.
  if (!(await ports.journal.begin(of))) return backWith("given_back");
  const meanwhile = why();
  const dialled = meanwhile === null ? endOf(of, await ports.voice.place(call)) : backWith(meanwhile);
  await ports.journal.answered(dialled.result);
  return dialled;
}

function endOf(of: { callId: string; claimSeq: number }, answer: PlaceAnswer): Dialled {
  const { end, effect } = endOfDial(answer);
  return { result: { ...of, ...end }, effect };
}

/** Applies an answer's effect on the whole line before anything else is dialled. */
export async function applyEffect(ports: DialPorts, line: string, effect: LineEffect): Promise<void> {
  switch (effect.kind) {
    case "none":
      return;
    case "hold":
      return await ports.pauses.holdLine(line, effect.waitMs);
    case "pause":
      await ports.pauses.pauseLine(line, effect.reason, effect.detail, `line:${line}`);
  }
}

/**
 * Claims due calls, and stores the claim number before any of them is returned.
 *
 * If the stored number is behind Postgres', another instance of the line has claimed, and the number catches up. If it
 * is ahead, the database was restored to an earlier state, and the line pauses.
 *
 * @param known The claim number that the line has stored; null at its start.
 */
export async function claimDue(ports: DialPorts, line: string, known: number | null, max: number): Promise<Claim> {
  const seq = known ?? (await ports.claims.claimSeq(line));
  if (seq === null) return { seq: 0, missing: true, paused: false, calls: [], nextAt: null };
  const { journal } = ports;
  const claim = await ports.claims.claim(line, seq, max, journal.id);
  if (claim.calls.length > 0 || claim.missing || claim.seq === seq) return await noted(ports, line, claim);
  // Another instance of the line claimed meanwhile.
  if (claim.seq > seq) return await noted(ports, line, await ports.claims.claim(line, claim.seq, max, journal.id));
  // Calls of the missing claims may have rung. Without the pause they would be dialled again.
  if (!claim.paused) {
    const begins = (await journal.begins()) ?? seq + 1;
    const behind = { from: claim.seq, to: seq, ...(begins > claim.seq + 1 ? { journalBegins: begins } : {}) };
    await ports.claims.wentBack(line, behind, await journal.after(claim.seq), `line:${line}`);
  }
  return { ...claim, seq, paused: true, nextAt: null };
}

/** Puts calls under review that were claimed, and may have rung, under a claim that Postgres no longer knows. */
async function noted(ports: DialPorts, line: string, claim: Claim): Promise<Claim> {
  if (claim.calls.length === 0) return claim;
  const rung = await ports.journal.claimed(claim.calls);
  if (rung.length === 0) return claim;
  await ports.claims.wentBack(line, null, rung, `line:${line}`);
  return { ...claim, calls: claim.calls.filter((call) => !rung.some((one) => isSame(one, call))) };
}

function isSame(one: Rung, call: ClaimedCall): boolean {
  return one.eventId === call.eventId && one.rule === call.rule && one.try === call.try;
}
