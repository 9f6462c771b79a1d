/**
 * Ingest: verifies a request, reads its events and makes them durable. The endpoint, replays of rejections and the
 * doctor share this code.
 */
import { timeIgnored, withNote } from "../../domain/events/body-notes.ts";
import type { NewEvent, VerifiedBy } from "../../domain/events/event.ts";
import { compileIdentification, type Identification, identify } from "../../domain/events/identify.ts";
import { type AskedTypes, askedTypes, bodyIdentity } from "../../domain/events/repeated-body.ts";
import type { IncomingEvent, UnreadableReason, WebhookRequest } from "../../domain/events/webhook.ts";
import { conflictsPerEventMax, retryAfterSeconds } from "../../domain/limits.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import { compileRules, type SourceRules } from "../../domain/rules/source-rules.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { Webhooks } from "../../ports/ingest/webhooks.ts";
import type { Identity } from "../../ports/runtime.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import { foreseeEnds } from "../planning/plan.ts";

type VerifyPorts = { webhooks: Pick<Webhooks, "verify" | "read"> };
type IngestPorts = { identity: Identity; inboxes: Pick<Inboxes, "accept">; webhooks: Webhooks };

/** One event in the answer to an accepted request. `conflict`: the id was first used with other bytes. */
export type Accepted = {
  readonly id: string;
  readonly externalId: string | null;
  readonly duplicate: boolean;
  readonly conflict: boolean;
};

/**
 * The reason why a request is rejected. `refused`: the request does not verify. For the other reasons, the request
 * verifies but cannot be used. With `conflicts`, other events of the request are stored.
 */
export type IngestRefusal = {
  readonly kind: "refused" | "unreadable" | "too_large" | "conflicts";
  readonly reason: string;
  readonly detail: string;
};

type VerifiedRequest =
  | { readonly kind: "good"; readonly secretId: string; readonly events: readonly IncomingEvent[] }
  | IngestRefusal;

type IngestResult =
  | { readonly kind: "accepted"; readonly events: readonly Accepted[] }
  | IngestRefusal
  /** The copy of the source is outdated, and the current one would not accept the request. Verify it again. */
  | { readonly kind: "left_out" }
  /** `error`: the inbox failed, and may or may not have the events. A retry is safe: it has the same ids. */
  | { readonly kind: "unavailable"; readonly retryAfterSeconds: number; readonly error?: unknown };

/** Reasons under which a smaller request of the same kind would be accepted. */
const overLimit: ReadonlySet<UnreadableReason> = new Set([
  "too_deep",
  "too_many_events",
  "too_many_fields",
  "split_too_large",
  "inflated_too_large",
]);

/** Rejection of a request with an id that has reached its limit of conflicting bodies. */
export const tooManyConflicts: IngestRefusal = {
  kind: "conflicts",
  reason: "too_many_conflicts",
  detail: `An event's id came with more than ${conflictsPerEventMax} other bodies, so the sender's ids are not unique. This body was not stored. Send it under an id of its own.`,
};

type Compiled = {
  readonly identification: Identification;
  readonly asked: AskedTypes;
  /** Compiled when the first event needs them. */
  rules: SourceRules | null;
};

/** Compiled rules and settings by copy of a source. */
const compiled = new WeakMap<SourceCopy, Compiled>();

function compiledOf(source: SourceCopy): Compiled {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const made = { identification: compileIdentification(source), asked: askedTypes(source.rules), rules: null };
  compiled.set(source, made);
  return made;
}

/** Verifies the bytes and reads the events. @param nowMs Time for the check of the signature's age. */
export async function verifyAndRead(
  { webhooks }: VerifyPorts,
  source: SourceCopy,
  request: WebhookRequest,
  nowMs: number,
): Promise<VerifiedRequest> {
  const verified = await webhooks.verify(source, request, nowMs);
  if (!verified.ok) return { kind: "refused", reason: verified.reason, detail: verified.detail };
  const read = await webhooks.read(source, request, nowMs);
  if (read.ok) return { kind: "good", secretId: verified.secretId, events: read.events };
  return { kind: overLimit.has(read.reason) ? "too_large" : "unreadable", reason: read.reason, detail: read.detail };
}

/** Verifies a request and hands its events to the inbox. */
export async function ingest(
  ports: IngestPorts,
  source: SourceCopy,
  request: WebhookRequest,
  nowMs: number,
): Promise<IngestResult> {
  const verified = await verifyAndRead(ports, source, request, nowMs);
  if (verified.kind !== "good") return verified;
  const headers = ports.webhooks.storedHeaders(source, request);
  const by = verifiedBy(source, verified.secretId);
  const events = verified.events.map((event) => ({
    ...newEvent(ports.identity, source, headers, event),
    verified: by,
  }));
  // A batch without events is a heartbeat: nothing is stored.
  if (events.length === 0) return { kind: "accepted", events: [] };
  const ends = foresee(source, events, verified.events);
  const answer = await ports.inboxes.accept(source.slug, events, { ends }).catch((error: unknown) => ({ error }));
  if ("error" in answer) return { kind: "unavailable", retryAfterSeconds, error: answer.error };
  if (!answer.ok) {
    if (answer.reason === "refused")
      return {
        kind: "unreadable",
        reason: "refused",
        detail: "An event has a value that Postgres cannot store, so the request was refused.",
      };
    if (answer.leftOut === true) return { kind: "left_out" };
    return { kind: "unavailable", retryAfterSeconds: answer.retryAfterSeconds };
  }
  if (answer.acceptances.some(({ refused }) => refused)) return tooManyConflicts;
  return {
    kind: "accepted",
    events: answer.acceptances.map(({ id, duplicate, conflict }, index) => ({
      id,
      externalId: events[index]?.externalId ?? null,
      duplicate,
      conflict,
    })),
  };
}

/**
 * Foresees the ends of events that no rule of the source wants. A paused source plans nothing, so its events have none.
 */
function foresee(
  source: SourceCopy,
  events: readonly NewEvent[],
  incoming: readonly IncomingEvent[],
): ReadonlyMap<string, ReasonCode> {
  if (source.paused === true) return new Map();
  const known = compiledOf(source);
  known.rules ??= compileRules(source.rules, source.fetch);
  return foreseeEnds({ source, rules: known.rules }, events, (_, index) => incoming[index]?.data ?? null);
}

/** A key that the sender publishes for all its customers is not counted as a secret of the source. */
function verifiedBy({ version, secrets }: SourceCopy, secretId: string): VerifiedBy {
  return { secretId: secrets.some(({ id }) => id === secretId) ? secretId : null, sourceVersion: version };
}

function newEvent(
  identity: Identity,
  source: SourceCopy,
  headers: Record<string, string>,
  event: IncomingEvent,
): NewEvent {
  const { identification, asked } = compiledOf(source);
  const once = event.idUnsigned === true ? bodyIdentity(asked, event.type, event.bodyHash, event.replayWindow) : null;
  return {
    id: identity.eventId(source.slug, event.dedupeKey),
    source: source.slug,
    dedupeKey: event.dedupeKey,
    ...formerOf(identity, source.slug, event),
    externalId: event.externalId,
    type: event.type,
    occurredAt: event.occurredAt,
    ...identify(identification, source.slug, event),
    body: event.body,
    bodyHash: event.bodyHash,
    ...(once === null ? {} : { bodyKey: identity.eventId(source.slug, `body:${once}`) }),
    headers: event.timeIgnored === true ? withNote(headers, timeIgnored) : headers,
  };
}

function formerOf(identity: Identity, slug: string, { formerKey }: IncomingEvent): Pick<NewEvent, "former"> {
  if (formerKey === undefined) return { former: null };
  return { former: { id: identity.eventId(slug, formerKey.key), sameBody: formerKey.sameBody } };
}
