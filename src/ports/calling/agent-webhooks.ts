/** Registration of agents' webhooks with Mihu. Types only. */

/** An agent's webhook at Mihu. Its secret is write-only: Mihu never returns it. */
export type AgentWebhook = {
  readonly uuid: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly active: boolean;
};

/** Wanted state of an agent's webhook. An absent secret is left unchanged. */
export type WantedWebhook = { readonly url: string; readonly events: readonly string[]; readonly secret?: string };

/**
 * The reason why Mihu did not change a webhook. `limit_reached`: the agent has its maximum of webhooks. `unknown`: the
 * answer is missing or unreadable, so the change may have been made.
 */
export type WebhookRefusal = {
  readonly ok: false;
  readonly reason: "unauthenticated" | "agent_missing" | "limit_reached" | "refused" | "unknown";
  readonly detail: string;
};

/** Webhooks that are registered for agents with Mihu. */
export type AgentWebhooks = {
  list(agent: string): Promise<{ readonly ok: true; readonly webhooks: readonly AgentWebhook[] } | WebhookRefusal>;
  create(agent: string, wanted: WantedWebhook): Promise<{ readonly ok: true } | WebhookRefusal>;
  change(agent: string, uuid: string, wanted: WantedWebhook): Promise<{ readonly ok: true } | WebhookRefusal>;
};
