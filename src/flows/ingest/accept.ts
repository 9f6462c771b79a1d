/**
 * Accept: the bytes of a request → durable events, or a clear refusal.
 *
 * | what arrived                                    | result        | who acts                                  |
 * | ----------------------------------------------- | ------------- | ----------------------------------------- |
 * | good: new, seen before, or wanted by no rule    | `accepted`    | nobody                                    |
 * | what its sender asks when it is set up          | `handshake`   | nobody                                    |
 * | no such source, or a disconnected one           | `no_source`   | the operator                              |
 * | signature missing, wrong, too old               | `refused`     | the operator, by the source's rejections   |
 * | signed, but the whole is not readable           | `unreadable`  | the sender's administrator                |
 * | over a limit                                    | `too_large`   | the sender's administrator                |
 * | an id with too many different bodies            | `conflicts`   | the sender's administrator                |
 * | nothing durable can take it                     | `unavailable` | the sender redelivers                     |
 */
import type { HandshakeAnswer, NotNow, PresetAnswer, WebhookRequest } from "../../domain/events/webhook.ts";
import { retryAfterSeconds } from "../../domain/limits.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { Rejection } from "../../ports/ingest/rejections.ts";
import type { Webhooks } from "../../ports/ingest/webhooks.ts";
import type { Clock, Identity } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { shakeHands } from "./handshake.ts";
import { type Accepted, ingest } from "./ingest.ts";

export type AcceptPorts = { clock: Clock; identity: Identity; inboxes: Inboxes; webhooks: Webhooks };

/** How a request ended. */
export type AcceptResult =
  | { readonly kind: "accepted"; readonly events: readonly Accepted[]; readonly answer: PresetAnswer | null }
  | { readonly kind: "handshake"; readonly answer: HandshakeAnswer }
  | { readonly kind: "no_source" }
  | { readonly kind: "refused"; readonly rejection: Rejection }
  | { readonly kind: "unreadable"; readonly rejection: Rejection }
  | { readonly kind: "too_large"; readonly rejection: Rejection }
  | { readonly kind: "conflicts"; readonly rejection: Rejection }
  | {
      readonly kind: "unavailable";
      readonly status: NotNow;
      readonly retryAfterSeconds: number;
      readonly error?: unknown;
    };

/** Names of headers that a rejection lists, and characters of each. */
const headerNamesMax = 50;
const headerNameCharactersMax = 100;

/**
 * Takes a request to its end. `ingest.ts` verifies it, reads its events and makes them durable; `src/http/door.ts` turns the end into a
 * response.
 */
export async function accept(ports: AcceptPorts, slug: string, request: WebhookRequest): Promise<AcceptResult> {
  const source = await ports.inboxes.describe(slug).catch(() => "away" as const);
  // Nobody knows whose request it is, and so what means "not now" to its sender.
  if (source === "away") return { kind: "unavailable", status: 503, retryAfterSeconds };
  if (source === null || source.disconnected === true) return { kind: "no_source" };

  const nowMs = ports.clock.now();
  const notNow = ports.webhooks.notNow(source);
  const reject = (code: string, detail: string) => rejectionOf(ports, { source, request, nowMs }, { code, detail });

  const asked = await ports.webhooks.handshake(source, request, nowMs);
  if (asked !== null) {
    const handshake = await shakeHands(ports.inboxes, slug, asked);
    if (handshake.kind === "refused")
      return { kind: "refused", rejection: await reject(handshake.reason, handshake.detail) };
    return handshake.kind === "away" ? { kind: "unavailable", status: notNow, retryAfterSeconds } : handshake;
  }

  const ingested = await ingest(ports, source, request, nowMs);
  switch (ingested.kind) {
    case "accepted":
      return { kind: "accepted", events: ingested.events, answer: ports.webhooks.answer(source) };
    case "unavailable":
      return { ...ingested, status: notNow };
    default:
      return { kind: ingested.kind, rejection: await reject(ingested.reason, ingested.detail) };
  }
}

/** A request that is refused, the source that it was sent to, and the time of its arrival in epoch milliseconds. */
type RefusedRequest = { readonly source: SourceCopy; readonly request: WebhookRequest; readonly nowMs: number };

/** @returns The rejection to store: the reason, and what it takes to judge the request again. */
export async function rejectionOf(
  ports: Pick<AcceptPorts, "identity" | "webhooks">,
  { source, request, nowMs }: RefusedRequest,
  { code, detail }: { readonly code: string; readonly detail: string },
): Promise<Rejection> {
  return {
    id: ports.identity.randomId(),
    at: nowMs,
    code,
    detail,
    headers: Object.keys(request.headers)
      .slice(0, headerNamesMax)
      .map((name) => name.slice(0, headerNameCharactersMax)),
    bodyBytes: request.body.byteLength,
    // A rejection stands even if its evidence cannot be stored.
    ...(await ports.webhooks.evidence(source, request, code).then(
      (evidence) => ({ kept: evidence }),
      () => ({}),
    )),
  };
}
