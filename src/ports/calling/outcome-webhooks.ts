/** Mihu's outcome webhooks. Types only. */

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
