/** Webhooks that are registered for agents with Mihu. Types only. */

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
