/**
 * Accept: the bytes of a request → durable events, or a clear refusal.
 *
 * | what arrived                                    | receipt       | who acts                                  |
 * | ----------------------------------------------- | ------------- | ----------------------------------------- |
 * | good: new, seen before, or wanted by no rule    | `accepted`    | nobody                                    |
 * | no such source, or a disconnected one           | `no_source`   | the operator                              |
 * | signature missing, wrong, too old               | `refused`     | the operator reads the rejection          |
 * | signed, but the whole is not readable           | `unreadable`  | the sender's administrator                |
 * | over a limit                                    | `too_large`   | the sender's administrator                |
 * | nothing durable can take it                     | `unavailable` | the sender redelivers                     |
 */
import type { NewEvent } from "../domain/event.ts";
import { compileIdentification, type Identification, identify } from "../domain/identify.ts";
import { readJson } from "../domain/json.ts";
import { type AskedTypes, askedTypes, bodyIdentity } from "../domain/replay.ts";
import type { IncomingEvent, PresetAnswer, WebhookRequest } from "../domain/source.ts";
import type { Inboxes, Rejection, SourceCopy, Webhooks } from "../ports/inbox.ts";
import type { Clock, Identity } from "../ports/runtime.ts";

export type AcceptPorts = { clock: Clock; identity: Identity; inboxes: Inboxes; webhooks: Webhooks };

/** One event of an accepted request, as its sender is told. */
export type Accepted = { readonly id: string; readonly externalId: string | null; readonly duplicate: boolean };

/** How a request ended. */
export type Receipt =
  | { readonly kind: "accepted"; readonly events: readonly Accepted[]; readonly answer: PresetAnswer | null }
  | { readonly kind: "no_source" }
  | { readonly kind: "refused"; readonly rejection: Rejection }
  | { readonly kind: "unreadable"; readonly rejection: Rejection }
  | { readonly kind: "too_large"; readonly rejection: Rejection }
  | { readonly kind: "unavailable"; readonly retryAfterSeconds: number };

/** How long a sender is asked to wait when neither Postgres nor a copy of the source is at hand. */
const retryAfterSeconds = 5;

/** Compiled once for each copy of a source that passes by. */
const identifications = new WeakMap<SourceCopy, { identification: Identification; asked: AskedTypes }>();

/** Verifies the bytes, reads the events and makes them durable. */
export async function accept(ports: AcceptPorts, slug: string, request: WebhookRequest): Promise<Receipt> {
  const source = await ports.inboxes.describe(slug).catch(() => "away" as const);
  if (source === "away") return { kind: "unavailable", retryAfterSeconds };
  if (source === null || source.disconnected === true) return { kind: "no_source" };

  const nowMs = ports.clock.now();
  const reject = (code: string, detail: string): Rejection => ({
    id: ports.identity.randomId(),
    at: nowMs,
    code,
    detail,
    headers: Object.keys(request.headers).slice(0, 50),
    bodyBytes: request.body.byteLength,
  });

  const verified = await ports.webhooks.verify(source, request, nowMs);
  if (!verified.ok) return { kind: "refused", rejection: reject(verified.reason, verified.detail) };

  const text = new TextDecoder().decode(request.body);
  const json = readJson(text);
  if (!json.ok) {
    const rejection = reject(json.reason, json.detail);
    return { kind: json.reason === "too_deep" ? "too_large" : "unreadable", rejection };
  }
  const read = await ports.webhooks.read(source, request, json.value, text);
  if (!read.ok) {
    const rejection = reject(read.reason, read.detail);
    return { kind: read.reason === "too_many_events" ? "too_large" : "unreadable", rejection };
  }

  const headers = ports.webhooks.keptHeaders(source, request);
  const events = read.events.map((event) => newEvent(ports, source, headers, event));
  // A batch without events is a heartbeat: there is nothing to keep.
  if (events.length === 0) return { kind: "accepted", events: [], answer: ports.webhooks.answer(source) };
  const kept = await ports.inboxes.accept(slug, events, false);
  if (!kept.ok) {
    if (kept.reason === "refused")
      return { kind: "unreadable", rejection: reject("refused", "An event holds what Postgres cannot store.") };
    return { kind: "unavailable", retryAfterSeconds: kept.retryAfterSeconds };
  }
  return {
    kind: "accepted",
    events: kept.acceptances.map(({ id, duplicate }, index) => ({
      id,
      externalId: events[index]?.externalId ?? null,
      duplicate,
    })),
    answer: ports.webhooks.answer(source),
  };
}

function newEvent(
  ports: AcceptPorts,
  source: SourceCopy,
  headers: Record<string, string>,
  event: IncomingEvent,
): NewEvent {
  let known = identifications.get(source);
  if (known === undefined) {
    known = { identification: compileIdentification(source), asked: askedTypes(source.rules) };
    identifications.set(source, known);
  }
  const { identification, asked } = known;
  const once = event.idUnsigned === true ? bodyIdentity(asked, event.type, event.bodyHash) : null;
  return {
    id: ports.identity.eventId(source.slug, event.dedupeKey),
    source: source.slug,
    dedupeKey: event.dedupeKey,
    externalId: event.externalId,
    type: event.type,
    occurredAt: event.occurredAt,
    ...identify(identification, source.slug, event),
    body: event.body,
    bodyHash: event.bodyHash,
    ...(once === null ? {} : { bodyKey: ports.identity.eventId(source.slug, `body:${once}`) }),
    headers,
  };
}
