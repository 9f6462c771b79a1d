/** What erasing needs. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { PersonAct } from "../person-act.ts";

/**
 * Whose traces are erased: all calls of a number with their events, or one event with all its calls. An event has more than one id by
 * which it may be meant: ours, and the one that its sender's own makes.
 */
export type ErasureTarget = { readonly number: string } | NamedEvent;
export type NamedEvent = { readonly source: string; readonly eventIds: readonly string[] };

/** Whether there is such an event, erased or not. */
export type Known = "known" | "no_source" | "no_event";

/** What one statement erased. `canceled`: calls that waited and were canceled by it. `more`: there may be more to erase. */
export type ErasedBatch = { calls: number; canceled: number; events: number; more: boolean };

/** What cannot be erased yet: calls that may still ring or be looked up, and events that wait for their plan. */
export type ErasureWaiting = {
  calls: { id: string; status: CallStatus }[];
  callsCount: number;
  events: string[];
};

export type ErasureStore = {
  /** Erases at most `limit` calls and their events, each with its entry. What was erased before is left alone. */
  erase(target: ErasureTarget, limit: number, act: PersonAct): Promise<ErasedBatch>;
  /** @param named how many calls are named at the most */
  waiting(target: ErasureTarget, named: number): Promise<ErasureWaiting>;
  knows(target: NamedEvent): Promise<Known>;
  /** Ids of a source's events that have this id of their sender's, or had it before they were erased. */
  sentAs(source: string, externalId: string): Promise<string[]>;
};
