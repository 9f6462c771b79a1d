/** Calls that were claimed when something stopped them. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";

/** A call in status `dialing`, and the line that has claimed it. */
export type ClaimedOn = { readonly id: string; readonly line: string };

export type StopStore = {
  /** The calls that these lines have claimed. */
  claimedOn(lines: readonly string[]): Promise<ClaimedOn[]>;
  /** The statuses that calls have now. */
  statusesOf(ids: readonly string[]): Promise<ReadonlyMap<string, CallStatus>>;
};
