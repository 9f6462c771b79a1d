/**
 * Handshake: what a sender asks when its webhook is set up → what it is told. It carries no event.
 *
 * | what was asked                           | end         | who acts                                        |
 * | ---------------------------------------- | ----------- | ----------------------------------------------- |
 * | to hear something back                   | `handshake` | nobody                                          |
 * | to have its secret kept, and it was      | `handshake` | nobody                                          |
 * | the same, and the source has one already | `refused`   | the operator removes the one that is there      |
 * | the same, and Postgres is away           | `away`      | the sender asks again; nothing was kept          |
 */
import type { HandshakeAnswer } from "../../domain/events/webhook.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { HandshakeAsked } from "../../ports/ingest/webhooks.ts";

/** How a handshake ended. */
type Shaken =
  | { readonly kind: "handshake"; readonly answer: HandshakeAnswer }
  | { readonly kind: "refused"; readonly reason: string; readonly detail: string }
  | { readonly kind: "away" };

/** Keeps a secret that was handed over, then answers. */
export async function shakeHands(inboxes: Inboxes, slug: string, asked: HandshakeAsked): Promise<Shaken> {
  if (asked.kind === "refused") return asked;
  if (asked.kind === "capture") {
    const captured = await inboxes.capture(slug, asked.secret);
    if (captured === "away") return { kind: "away" };
    if (captured === "taken")
      return { kind: "refused", reason: "handshake_refused", detail: "A secret was offered, and the source has one." };
  }
  return { kind: "handshake", answer: asked.answer };
}
