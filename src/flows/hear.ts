/** Hear: one of Mihu's outcome webhooks → the line is told where there is news. Nothing of what it says is believed here. */

import type { LineObjects } from "../ports/line.ts";
import type { Identity } from "../ports/runtime.ts";
import type { OutcomeWebhooks } from "../ports/voice.ts";

export type HearPorts = { identity: Identity; lines: LineObjects; webhooks: OutcomeWebhooks };

/** An outcome webhook as it arrived. */
export type OutcomeRequest = {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** How hearing ended. */
export type Heard =
  | { readonly kind: "heard"; readonly conversations: number }
  | { readonly kind: "no_line" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Finds the line by the URL's key, checks the signature if the line has a secret, and passes the conversations on. */
export async function hear(ports: HearPorts, request: OutcomeRequest): Promise<Heard> {
  const keyHash = ports.identity.sha256Hex(request.key);
  const line = await ports.webhooks.lineOf(keyHash);
  if (line === null) return { kind: "no_line" };
  const verified = await ports.webhooks.verify(line, request);
  if (!verified.ok) return { kind: "refused", reason: verified.reason };
  const read = ports.webhooks.read(new TextDecoder().decode(request.body));
  // A report about no conversation tells us nothing; refusing it would only have it sent again.
  if (!read.ok)
    return read.reason === "no_conversation"
      ? { kind: "heard", conversations: 0 }
      : { kind: "unreadable", reason: read.reason };
  await ports.lines.news(line.slug, read.conversationUuids);
  return { kind: "heard", conversations: read.conversationUuids.length };
}
