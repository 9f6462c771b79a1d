/** The voice API. Types only. */
import type { PlaceAnswer } from "../../domain/calls/dial.ts";
import type { Found } from "../../domain/calls/reconcile.ts";
import type { Conversation } from "../../domain/calls/settle.ts";
import type { ClaimedCall } from "./claims.ts";

/** The voice API. */
export type Voice = {
  place(call: ClaimedCall): Promise<PlaceAnswer>;
  /** `null`: it cannot be read now, or there is no such conversation. */
  conversation(uuid: string): Promise<Conversation | null>;
  /**
   * The calls that Mihu has between an agent and a number, of which one may have begun around this time (epoch milliseconds).
   * `null`: they cannot be read now.
   */
  find(agent: string, number: string, aroundMs: number): Promise<Found | null>;
  /** A harmless question with the same token; `true` when the cause of a pause is gone. */
  probe(agent: string): Promise<boolean>;
};
