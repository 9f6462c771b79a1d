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
 * | a body that is over the limit                   | `body_too_large` | the sender's administrator             |
 * | an id with too many different bodies            | `conflicts`   | the sender's administrator                |
 * | nothing durable can take it                     | `unavailable` | the sender redelivers                     |
 * | nobody can tell whether the source has changed  | `unavailable` | the sender redelivers                     |
 */
import type { HandshakeAnswer, NotNow, PresetAnswer, WebhookRequest } from "../../domain/events/webhook.ts";
import { retryAfterSeconds } from "../../domain/limits.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { Rejection } from "../../ports/ingest/rejections.ts";
import type { Webhooks } from "../../ports/ingest/webhooks.ts";
import type { Clock, Identity } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { shakeHands } from "./handshake.ts";
import { type Accepted, type IngestRefusal, ingest } from "./ingest.ts";

export type AcceptPorts = {
  clock: Clock;
  identity: Identity;
  inboxes: Inboxes;
  webhooks: Webhooks;
  /** Whether one more rejection of a source is stored now. Of a flood most are only counted. */
  takesEvidence(slug: string): boolean;
};

/** Reads a request to its end; `null`: its body is over the limit. */
export type ReadRequest = () => Promise<WebhookRequest | null>;

/** How a request ended. */
export type AcceptResult =
  | { readonly kind: "accepted"; readonly events: readonly Accepted[]; readonly answer: PresetAnswer | null }
  | { readonly kind: "handshake"; readonly answer: HandshakeAnswer }
  | { readonly kind: "no_source" | "body_too_large" }
  | { readonly kind: "refused"; readonly rejection: Rejection }
  | { readonly kind: "unreadable"; readonly rejection: Rejection }
  | { readonly kind: "too_large"; readonly rejection: Rejection }
  | { readonly kind: "conflicts"; readonly rejection: Rejection }
  | {
      readonly kind: "unavailable";
      readonly status: NotNow;
      readonly retryAfterSeconds: number;
      readonly error?: unknown;
      /** By the copy at hand it would be refused, and nobody can tell whether that is the present one. */
      readonly rejection?: Rejection;
    };

/** Names of headers that a rejection lists, and characters of each. */
const headerNamesMax = 50;
const headerNameCharactersMax = 100;

/**
 * Takes a request to its end. `ingest.ts` verifies it, reads its events and makes them durable; `src/http/door.ts` turns the end into a
 * response.
 *
 * The copy of the source may be older than a change that was answered. So nothing is refused by a copy before it is known to be the
 * present one, and Postgres leaves out what an older copy should not have accepted. Either way the request is judged once more.
 *
 * @param read called for a source that is there: whoever guesses a name has nothing read
 */
export async function accept(ports: AcceptPorts, slug: string, read: ReadRequest): Promise<AcceptResult> {
  const source = await ports.inboxes.describe(slug).catch(() => "away" as const);
  // Nobody knows whose request it is, and so what means "not now" to its sender.
  if (source === "away") return { kind: "unavailable", status: 503, retryAfterSeconds };
  if (source === null) return { kind: "no_source" };
  const request = await read();
  if (request === null) return { kind: "body_too_large" };

  const judged = await judge(ports, source, request);
  // 401 and 404 alone may be the fault of an older copy. Any other refusal is of a request that is the sender's own.
  if (judged.kind !== "refused" && judged.kind !== "closed" && judged.kind !== "left_out")
    return await end(ports, judged);

  const current = await ports.inboxes.current(source).catch((error: unknown) => ({ kind: "unknown" as const, error }));
  switch (current.kind) {
    case "changed":
      return await end(ports, await judge(ports, current.source, request));
    case "gone":
      return { kind: "no_source" };
    case "same":
      return await end(ports, judged);
    case "unknown":
      return {
        ...notNow(ports, source),
        ...("error" in current ? { error: current.error } : {}),
        ...(judged.kind === "refused" ? await rejected(ports, judged) : {}),
      };
  }
}

/** How a request ends by one copy of its source. A refusal is no rejection yet. */
type Judged =
  | Exclude<AcceptResult, { readonly rejection: Rejection } | { readonly kind: "no_source" | "body_too_large" }>
  | { readonly kind: "closed" | "left_out"; readonly source: SourceCopy }
  | (RefusedRequest & IngestRefusal);

async function judge(ports: AcceptPorts, source: SourceCopy, request: WebhookRequest): Promise<Judged> {
  if (source.disconnected === true) return { kind: "closed", source };
  const nowMs = ports.clock.now();
  const refused = (refusal: IngestRefusal) => ({ ...refusal, source, request, nowMs });

  const asked = await ports.webhooks.handshake(source, request, nowMs);
  if (asked !== null) {
    const handshake = await shakeHands(ports.inboxes, source.slug, asked);
    return handshake.kind === "refused"
      ? refused(handshake)
      : handshake.kind === "away"
        ? notNow(ports, source)
        : handshake;
  }

  const ingested = await ingest(ports, source, request, nowMs);
  switch (ingested.kind) {
    case "accepted":
      return { kind: "accepted", events: ingested.events, answer: ports.webhooks.answer(source) };
    case "left_out":
      return { kind: "left_out", source };
    case "unavailable":
      return { ...ingested, status: ports.webhooks.notNow(source) };
    default:
      return refused(ingested);
  }
}

/** The end of a request that is judged by the present copy. It is not judged a third time: a source that changes so fast settles first. */
async function end(ports: AcceptPorts, judged: Judged): Promise<AcceptResult> {
  switch (judged.kind) {
    case "accepted":
    case "handshake":
    case "unavailable":
      return judged;
    case "closed":
      return { kind: "no_source" };
    case "left_out":
      return notNow(ports, judged.source);
    default:
      return { kind: judged.kind, ...(await rejected(ports, judged)) };
  }
}

async function rejected(
  ports: AcceptPorts,
  refused: RefusedRequest & IngestRefusal,
): Promise<{ rejection: Rejection }> {
  return { rejection: await rejectionOf(ports, refused, { code: refused.reason, detail: refused.detail }) };
}

function notNow({ webhooks }: AcceptPorts, source: SourceCopy) {
  return { kind: "unavailable" as const, status: webhooks.notNow(source), retryAfterSeconds };
}

/** A request that is refused, the source that it was sent to, and the time of its arrival in epoch milliseconds. */
type RefusedRequest = { readonly source: SourceCopy; readonly request: WebhookRequest; readonly nowMs: number };

/** @returns The rejection to store: the reason, and what it takes to judge the request again. */
export async function rejectionOf(
  ports: Pick<AcceptPorts, "identity" | "webhooks" | "takesEvidence">,
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
    ...(ports.takesEvidence(source.slug) ? await storableEvidence(ports, source, request, code) : {}),
  };
}

/** A rejection stands even if its evidence cannot be stored. */
async function storableEvidence(
  { webhooks }: Pick<AcceptPorts, "webhooks">,
  source: SourceCopy,
  request: WebhookRequest,
  code: string,
): Promise<Pick<Rejection, "kept">> {
  return await webhooks.evidence(source, request, code).then(
    (evidence) => ({ kept: evidence }),
    () => ({}),
  );
}
