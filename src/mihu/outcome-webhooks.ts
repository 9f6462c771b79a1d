/** Implements the flows' port for Mihu's outcome webhooks. */
import { lru } from "../platform/lru.ts";
import type { Sealer } from "../platform/seal.ts";
import type { OutcomeWebhooks } from "../ports/calling/outcome-webhooks.ts";
import { readSignatureSettings, verifyMihuSignature } from "./signature.ts";
import { readMihuWebhook } from "./webhook.ts";

/** Opened secrets that one isolate caches. */
const openedMax = 100;

/**
 * @param lineOf Finds a line by the hash of the key in its URL.
 * @param sealer Opens a line's webhook secret.
 */
export function outcomeWebhooks(lineOf: OutcomeWebhooks["lineOf"], sealer: Sealer): OutcomeWebhooks {
  /** Cached by the sealed text, so a rotated secret is opened anew. */
  const opened = lru<string>(openedMax);
  const open = async (sealed: string): ReturnType<Sealer["open"]> => {
    const known = opened.get(sealed);
    if (known !== undefined) return { ok: true, text: known };
    const answer = await sealer.open(sealed);
    if (answer.ok) opened.set(sealed, answer.text);
    return answer;
  };
  return {
    lineOf,
    async verify(line, { headers, body }) {
      // Without a secret the key in the URL suffices, because the content of a webhook is read again from Mihu before
      // it counts.
      if (line.sealedSecret === null) return { ok: true };
      const secret = await open(line.sealedSecret);
      if (!secret.ok) return { ok: false, reason: secret.reason };
      const settings = readSignatureSettings(line.settings);
      return await verifyMihuSignature({ secret: secret.text, settings, headers, body });
    },
    read: readMihuWebhook,
  };
}
