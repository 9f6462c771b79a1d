/**
 * Accept: the bytes of a request become durable events, or a clear rejection.
 *
 * | request                                       | result           | who acts                                 |
 * | --------------------------------------------- | ---------------- | ---------------------------------------- |
 * | valid: new, redelivered, or wanted by no rule | `accepted`       | nobody                                   |
 * | a sender's request at setup                   | `handshake`      | nobody                                   |
 * | no such source, or a disconnected one         | `no_source`      | the operator                             |
 * | signature missing, wrong, too old             | `refused`        | the operator, by the source's rejections |
 * | signed, but not readable as a whole           | `unreadable`     | the sender's administrator               |
 * | over a limit                                  | `too_large`      | the sender's administrator               |
 * | a body over the limit                         | `body_too_large` | the sender's administrator               |
 * | an id with too many different bodies          | `conflicts`      | the sender's administrator               |
 * | no durable storage available                  | `unavailable`    | the sender redelivers                    |
 * | no answer on whether the source has changed   | `unavailable`    | the sender redelivers                    |
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
  /** Whether one more rejection of a source is stored now. In a flood most rejections are only counted. */
  takesEvidence(slug: string): boolean;
};

/** Reads a request to its end; null if its body exceeds the limit. */
export type ReadRequest = () => Promise<WebhookRequest | null>;

/** Result of a request. */
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
      /** The rejection by the copy at hand, if it is not known whether the copy is current. */
      readonly rejection?: Rejection;
    };

/** Header names that a rejection lists, and characters of each. */
const headerNamesMax = 50;
const headerNameCharactersMax = 100;

/**
 * Processes one request. `ingest.ts` verifies it, reads its events and makes them durable. `src/http/door.ts` turns the
 * result into a response.
 *
 * The copy of the source may be older than a confirmed change. Therefore no request is rejected by a copy until that is
 * known to be current, and Postgres leaves out events that only an older copy accepted. In both cases the request is
 * judged once more.
 *
 * @param read Called only for a source that exists, so a guessed name costs no reading.
 */
export async function accept(ports: AcceptPorts, slug: string, read: ReadRequest): Promise<AcceptResult> {
  const source = await ports.inboxes.describe(slug).catch(() => "away" as const);
  // Without the source, its sender's own way to say "not now" is unknown.
  if (source === "away") return { kind: "unavailable", status: 503, retryAfterSeconds };
  if (source === null) return { kind: "no_source" };
  const request = await read();
  if (request === null) return { kind: "body_too_large" };

  const judged = await judge(ports, source, request);
  // Only 401 and 404 may be due to an older copy. Any other rejection is due to the request.
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

/** Result by one copy of the source. A negative one is not yet a rejection. */
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

/** Result by the current copy. There is no third judgement: a source that changes so fast settles first. */
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

/** A request to reject, its source, and its time of arrival in epoch milliseconds. */
type RefusedRequest = { readonly source: SourceCopy; readonly request: WebhookRequest; readonly nowMs: number };

/** @returns The rejection to store: the reason, and the evidence for judging the request again. */
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

/** Stores the rejection without its evidence, if the evidence cannot be stored. */
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
