/** Store of erasures. Types only. */
import type { CallStatus } from "../../domain/calls/call.ts";
import type { PersonAct } from "../person-act.ts";

/**
 * Data to erase: all calls of a number with their events, or one event with all its calls. An event can be named by
 * Hookline's id, or by the part of its dedupe key that the sender's id makes.
 */
export type ErasureTarget = { readonly number: string } | NamedEvent;
export type NamedEvent = { readonly source: string; readonly eventIds: readonly string[] };

/** Whether the event exists, erased or not. */
export type Known = "known" | "no_source" | "no_event";

/**
 * A hook whose receiver was sent numbers or texts that are erased now. `deliveries`: how many were sent, or may have
 * been.
 */
export type ToldReceiver = { readonly hook: string; readonly host: string; readonly deliveries: number };

/**
 * Result of one transaction. `canceled`: waiting calls that it canceled. `more`: more data may remain. `told`: receivers
 * by call and hook.
 */
export type ErasedBatch = { calls: number; canceled: number; events: number; more: boolean; told: ToldReceiver[] };

/** Data that cannot be erased yet: calls that may still ring or be looked up, and unplanned events. */
export type ErasureWaiting = {
  calls: { id: string; status: CallStatus }[];
  callsCount: number;
  events: string[];
};

export type ErasureStore = {
  /** Erases at most `limit` calls and their events, each with its entry. Erased ones are skipped. */
  erase(target: ErasureTarget, limit: number, act: PersonAct): Promise<ErasedBatch>;
  /** @param named Highest number of calls to name. */
  waiting(target: ErasureTarget, named: number): Promise<ErasureWaiting>;
  knows(target: NamedEvent): Promise<Known>;
  /** Ids of a source's events that have or had this id of their sender. */
  sentAs(source: string, externalId: string): Promise<string[]>;
};
