/** The voice API and its webhooks. Types only. */
import type { PlaceAnswer } from "../../domain/calls/dial.ts";
import type { Found } from "../../domain/calls/reconcile.ts";
import type { Conversation } from "../../domain/calls/settle.ts";
import type { ClaimedCall } from "./line.ts";

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

/** A line as Mihu's outcome webhooks find it: the secret is the one that goes with the URL's key. */
export type WebhookLine = { slug: string; sealedSecret: string | null; settings: Record<string, unknown> | null };

/** One report in a webhook, as far as it says whom it is about. `about` is its most exact id; `body` has no credentials. */
export type WebhookReport = {
  readonly event: string;
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
  readonly about: string;
  readonly body: string;
};

/** Mihu's outcome webhooks: who they are for, whether they are Mihu's, and what they are about. */
export type OutcomeWebhooks = {
  /** `unavailable`: nobody can be asked now whose key it is. */
  lineOf(keyHash: string): Promise<WebhookLine | "unavailable" | null>;
  verify(
    line: WebhookLine,
    request: { headers: Readonly<Record<string, string>>; body: Uint8Array },
  ): Promise<{ ok: true } | { ok: false; reason: string }>;
  read(text: string): { ok: true; reports: readonly WebhookReport[] } | { ok: false; reason: string };
};

/** Where an agent sends its outcome webhooks. The secret is write-only: no answer of Mihu's shows it. */
export type AgentWebhook = {
  readonly uuid: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly active: boolean;
};

/** What is asked of an agent's webhook; a secret that is not given stays as it is. */
export type WantedWebhook = { readonly url: string; readonly events: readonly string[]; readonly secret?: string };

/**
 * Why Mihu did not do as it was asked. `limit_reached`: the agent has as many webhooks as it may. `unknown`: there was no answer, or
 * one that cannot be read, so it may have been done all the same.
 */
export type WebhookRefusal = {
  readonly ok: false;
  readonly reason: "unauthenticated" | "agent_missing" | "limit_reached" | "refused" | "unknown";
  readonly detail: string;
};

/** The webhooks that are registered for agents with Mihu. */
export type AgentWebhooks = {
  list(agent: string): Promise<{ readonly ok: true; readonly webhooks: readonly AgentWebhook[] } | WebhookRefusal>;
  create(agent: string, wanted: WantedWebhook): Promise<{ readonly ok: true } | WebhookRefusal>;
  change(agent: string, uuid: string, wanted: WantedWebhook): Promise<{ readonly ok: true } | WebhookRefusal>;
};
