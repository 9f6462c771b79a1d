/** Mihu's outcome webhooks. Types only. */

/** A line, found by the key in a webhook's URL. The secret belongs to that key. */
export type WebhookLine = { slug: string; sealedSecret: string | null; settings: Record<string, unknown> | null };

/** One report of a webhook. `about` is the most exact id of its call; `body` has no credentials. */
export type WebhookReport = {
  readonly event: string;
  readonly conversationUuid: string | null;
  readonly mihuId: string | null;
  readonly about: string;
  readonly body: string;
};

/** Reads Mihu's outcome webhooks: finds the line, checks the signature, extracts the reports. */
export type OutcomeWebhooks = {
  /** `unavailable`: the key cannot be looked up now. */
  lineOf(keyHash: string): Promise<WebhookLine | "unavailable" | null>;
  verify(
    line: WebhookLine,
    request: { headers: Readonly<Record<string, string>>; body: Uint8Array },
  ): Promise<{ ok: true } | { ok: false; reason: string }>;
  read(text: string): { ok: true; reports: readonly WebhookReport[] } | { ok: false; reason: string };
};
