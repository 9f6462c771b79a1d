/** The voice API. Types only. */
import type { PlaceAnswer } from "../../domain/calls/dial.ts";
import type { Found } from "../../domain/calls/reconcile.ts";
import type { Conversation } from "../../domain/calls/settle.ts";
import type { ClaimedCall } from "./claims.ts";

/** The voice API. */
export type Voice = {
  place(call: ClaimedCall): Promise<PlaceAnswer>;
  /** Null if the conversation does not exist or cannot be read now. */
  conversation(uuid: string): Promise<Conversation | null>;
  /**
   * Mihu's calls between an agent and a number, one of which may have begun around this time (epoch milliseconds). Null
   * if they cannot be read now.
   */
  find(agent: string, number: string, aroundMs: number): Promise<Found | null>;
  /** A harmless request with the same token. @returns Whether the cause of a pause is gone. */
  probe(agent: string): Promise<boolean>;
};
