/** The voice API and its webhooks. Types only. */
import type { PlaceAnswer } from "../domain/dial.ts";
import type { Found } from "../domain/reconcile.ts";
import type { Report } from "../domain/settle.ts";
import type { ClaimedCall } from "./line.ts";

/** The voice API. */
export type Voice = {
  place(call: ClaimedCall): Promise<PlaceAnswer>;
  /** `null`: it cannot be read now, or there is no such conversation. */
  conversation(uuid: string): Promise<Report[] | null>;
  /**
   * The calls that Mihu has between an agent and a number, of which one may have begun around this time (epoch milliseconds).
   * `null`: they cannot be read now.
   */
  find(agent: string, number: string, aroundMs: number): Promise<Found | null>;
  /** A harmless question with the same token; `true` when the cause of a pause is gone. */
  probe(agent: string): Promise<boolean>;
};

/** A line as Mihu's outcome webhooks find it. */
export type WebhookLine = { slug: string; sealedSecret: string | null; settings: Record<string, unknown> | null };

/** Mihu's outcome webhooks: who they are for, whether they are Mihu's, and what they are about. */
export type OutcomeWebhooks = {
  lineOf(keyHash: string): Promise<WebhookLine | null>;
  verify(
    line: WebhookLine,
    request: { headers: Readonly<Record<string, string>>; body: Uint8Array },
  ): Promise<{ ok: true } | { ok: false; reason: string }>;
  read(text: string): { ok: true; conversationUuids: string[] } | { ok: false; reason: string };
};
