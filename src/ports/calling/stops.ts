/** Stops of calls. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";

/** A call in status `dialing`, and the line that claimed it. */
export type ClaimedOn = { readonly id: string; readonly line: string };

/** A committed stop of many calls. No line claims any of them from its commit on. */
export type CallsStop = {
  readonly id: number;
  /** Lines with waiting calls of the stop. */
  readonly lines: readonly string[];
};

/** Progress of a stop by one transaction. */
export type StopPart = {
  /** Waiting calls that were canceled. */
  readonly canceled: number;
  /** All calls that were canceled or marked. */
  readonly reached: number;
  /** Claimed calls that were marked. They are canceled if they return to the queue. */
  readonly claimed: readonly ClaimedOn[];
  /** Whether the stop has reached all its calls and was removed. */
  readonly over: boolean;
};

export type StopStore = {
  /** Claimed calls of these lines. */
  claimedOn(lines: readonly string[]): Promise<ClaimedOn[]>;
  /** Claimed calls of these stops, each with its stop. */
  claimedOf(stops: readonly number[]): Promise<(ClaimedOn & { readonly stop: number })[]>;
  /** Present statuses of calls. */
  statusesOf(ids: readonly string[]): Promise<ReadonlyMap<string, CallStatus>>;
  /**
   * Cancels the next waiting calls of a stop, the longest due first, and marks those in flight. At most `limit` calls,
   * each with its entry.
   */
  advance(stop: number, limit: number): Promise<StopPart>;
  /** Number of waiting calls of a stop that are yet to be canceled. */
  remaining(stop: number): Promise<number>;
  /**
   * Writes an entry when a stop fails to advance, or advances again. Nothing is written if the stop's newest entry says
   * the same.
   */
  noteAdvance(stop: number, advances: boolean): Promise<void>;
  /** The oldest stops that have not reached all their calls. */
  pending(limit: number): Promise<number[]>;
};
