/**
 * Handshake: answers a sender's request at the setup of a webhook. It carries no event.
 *
 * | request                                | result      | who acts                               |
 * | -------------------------------------- | ----------- | -------------------------------------- |
 * | to echo a value                        | `handshake` | nobody                                 |
 * | to store its secret, and it was stored | `handshake` | nobody                                 |
 * | the same, and the source has a secret  | `refused`   | the operator removes the existing one  |
 * | the same, and Postgres is down         | `away`      | the sender retries; nothing was stored |
 */
import type { HandshakeAnswer } from "../../domain/events/webhook.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { HandshakeAsked } from "../../ports/ingest/webhooks.ts";

/** Result of a handshake. */
type Shaken =
  | { readonly kind: "handshake"; readonly answer: HandshakeAnswer }
  | { readonly kind: "refused"; readonly reason: string; readonly detail: string }
  | { readonly kind: "away" };

/** Stores a secret that the sender handed over, then answers. */
export async function shakeHands(inboxes: Inboxes, slug: string, asked: HandshakeAsked): Promise<Shaken> {
  if (asked.kind === "refused") return asked;
  if (asked.kind === "capture") {
    const captured = await inboxes.capture(slug, asked.secret);
    if (captured === "away") return { kind: "away" };
    if (captured === "taken")
      return {
        kind: "refused",
        reason: "handshake_refused",
        detail: "The sender offered a secret in its set-up request, but the source has one already.",
      };
  }
  return { kind: "handshake", answer: asked.answer };
}
