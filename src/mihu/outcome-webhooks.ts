/** Mihu's outcome webhooks as the flows know them. */
import type { Sealer } from "../platform/seal.ts";
import type { OutcomeWebhooks, WebhookLine } from "../ports/voice.ts";
import { type MihuSignatureSettings, verifyMihuSignature } from "./signature.ts";
import { readMihuWebhook } from "./webhook.ts";

/**
 * @param lineOf finds a line by the hash of its URL's key
 * @param sealer opens a line's webhook secret
 */
export function outcomeWebhooks(
  lineOf: (keyHash: string) => Promise<WebhookLine | null>,
  sealer: Sealer,
): OutcomeWebhooks {
  return {
    lineOf,
    async verify(line, { headers, body }) {
      // Without a secret the URL's key is all there is, and it is enough: what a webhook says is read again from Mihu.
      if (line.sealedSecret === null) return { ok: true };
      const opened = await sealer.open(line.sealedSecret);
      if (!opened.ok) return { ok: false, reason: opened.reason };
      return await verifyMihuSignature({
        secret: opened.text,
        settings: (line.settings as MihuSignatureSettings | null) ?? {},
        headers,
        body,
      });
    },
    read: readMihuWebhook,
  };
}
