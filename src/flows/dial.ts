/**
 * Dial: what a line does with one claimed call. The lease was committed before; the POST happens here, once.
 */
import { endOfDial, type LineEffect, notBegun } from "../domain/dial.ts";
import { leaseReserveMs } from "../domain/limits.ts";
import type { CallStore, Claim, ClaimedCall, DialResult } from "../ports/line.ts";
import type { Clock } from "../ports/runtime.ts";
import type { Voice } from "../ports/voice.ts";

export type DialPorts = { clock: Clock; calls: CallStore; voice: Voice };

/** What a dial leaves: how it ended, and what the line does about it. */
export type Dialled = { readonly result: DialResult; readonly effect: LineEffect };

/**
 * Dials one call.
 *
 * @param leaseEndsAt when the claim's lease ends, by our clock and never later than by Postgres'
 */
export async function dial(ports: DialPorts, call: ClaimedCall, leaseEndsAt: number): Promise<Dialled> {
  const of = { callId: call.id, claimSeq: call.claimSeq };
  // A POST that outlives its lease could ring while the sweep has given the call up: it is not begun.
  if (leaseEndsAt - ports.clock.now() < leaseReserveMs)
    return { result: { ...of, ...notBegun("not_begun") }, effect: { kind: "none" } };
  const answer = await ports.voice.place(call);
  const { end, effect } = endOfDial(answer);
  return { result: { ...of, ...end }, effect };
}

/** Makes the whole line do what an answer asks of it, before anything else is dialled. */
export async function applyEffect(ports: DialPorts, line: string, effect: LineEffect): Promise<void> {
  switch (effect.kind) {
    case "none":
      return;
    case "hold":
      return await ports.calls.holdLine(line, effect.waitMs);
    case "pause":
      await ports.calls.pauseLine(line, effect.reason, effect.detail, `line:${line}`);
  }
}

/**
 * Claims what is due. A claim number that is behind Postgres' is caught up with: another instance of the line claimed meanwhile.
 *
 * @param known the claim number that the line remembers; `null` at its start
 */
export async function claimDue(ports: DialPorts, line: string, known: number | null, max: number): Promise<Claim> {
  const seq = known ?? (await ports.calls.claimSeq(line));
  if (seq === null) return { seq: 0, missing: true, paused: false, calls: [], nextAt: null };
  const claim = await ports.calls.claim(line, seq, max);
  if (claim.calls.length > 0 || claim.missing || claim.seq === seq) return claim;
  // Another instance of the line claimed meanwhile.
  if (claim.seq > seq) return await ports.calls.claim(line, claim.seq, max);
  // The database went back: what was claimed since may have rung, and would be dialled again.
  if (!claim.paused) await ports.calls.pauseLine(line, "database_went_back", String(seq), `line:${line}`);
  return { ...claim, seq, paused: true, nextAt: null };
}
