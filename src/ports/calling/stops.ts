/** Calls that something has stopped. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";

/** A call in status `dialing`, and the line that has claimed it. */
export type ClaimedOn = { readonly id: string; readonly line: string };

/** A stop of many calls, which is committed: no line claims a call that it is about. */
export type CallsStop = {
  readonly id: number;
  /** Lines on which such calls wait. */
  readonly lines: readonly string[];
};

/** One part of the work of a stop. */
export type StopPart = {
  /** Calls that waited, and that this part has canceled. */
  readonly canceled: number;
  /** All calls that this part has canceled or marked. */
  readonly reached: number;
  /** Calls that lines had claimed: this part marked them, and they are canceled if they come back. */
  readonly claimed: readonly ClaimedOn[];
  /** The stop has reached each of its calls, and is gone. */
  readonly over: boolean;
};

export type StopStore = {
  /** The calls that these lines have claimed. */
  claimedOn(lines: readonly string[]): Promise<ClaimedOn[]>;
  /** The claimed calls that these stops are about, each with the stop. */
  claimedOf(stops: readonly number[]): Promise<(ClaimedOn & { readonly stop: number })[]>;
  /** The statuses that calls have now. */
  statusesOf(ids: readonly string[]): Promise<ReadonlyMap<string, CallStatus>>;
  /** Cancels the next calls of a stop that wait, the oldest due first, and marks those under way: at most `limit`, each with its entry. */
  advance(stop: number, limit: number): Promise<StopPart>;
  /** The number of calls of a stop that wait and are yet to be canceled. */
  remaining(stop: number): Promise<number>;
  /**
   * Tells in the audit log that a stop does not advance, or that it does again. Once each: nothing is written if the stop's newest entry says
   * the same.
   */
  noteAdvance(stop: number, advances: boolean): Promise<void>;
  /** The oldest stops that have not reached each of their calls. */
  pending(limit: number): Promise<number[]>;
};
