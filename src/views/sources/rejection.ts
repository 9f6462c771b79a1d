import type { Diagnosis } from "../../flows/ingest/diagnose.ts";
import type { AcceptedEnd, Reviewed } from "../../flows/ingest/rejections.ts";
import type { RefusedMinute } from "../../ports/ingest/rejections.ts";
import { iso } from "../moment.ts";

/** Events listed for a pasted request. */
const eventsNamedMax = 100;

/** A refused request, with advice. */
export function rejectionView({ rejection, isStored, verifiesNow, reason, advice }: Reviewed) {
  const { id, at, code, detail, headers, bodyBytes, request, acceptedAt, acceptedEvents } = rejection;
  return {
    id,
    at: iso(at),
    code,
    detail,
    headers,
    body_bytes: bodyBytes,
    kept: isStored,
    body_kept: request?.bodyKept ?? null,
    verifies_now: verifiesNow,
    reason_now: reason,
    advice:
      verifiesNow && isStored
        ? "It verifies now. Accept it, and its events are planned as if it had just come."
        : advice,
    accepted_at: iso(acceptedAt),
    accepted_events: acceptedEvents,
  };
}

/** Requests that were rejected within one minute. */
export function refusedMinuteView({ at, refused, failedSignatures, notStored }: RefusedMinute) {
  return { at: iso(at), refused, failed_signatures: failedSignatures, not_stored: notStored };
}

/** The result of accepting one rejection. */
export function acceptedView(one: AcceptedEnd) {
  switch (one.end) {
    case "accepted":
    case "would_accept":
      return { id: one.id, result: one.end, events: one.events.map(({ id, duplicate }) => ({ id, duplicate })) };
    case "accepted_before":
      return { id: one.id, result: one.end, events: one.events.map((id) => ({ id, duplicate: true })) };
    case "refused":
      return { id: one.id, result: one.end, reason: one.reason, detail: one.detail, advice: one.advice };
    default:
      return { id: one.id, result: one.end, detail: ends[one.end] };
  }
}

const ends = {
  not_kept: "The request was not stored as a whole. Have the sender send it again.",
  not_found: "There is no such rejection, or newer ones have replaced it.",
  handshake: "It is the sender's set-up request. Let the sender send it again.",
  unavailable: "Its events cannot be stored at the moment. Try again.",
} as const;

/** The verdict about a pasted request. */
export function explainedView(explained: Diagnosis) {
  const { ok, reason, detail, advice, scheme, secretId, isHandshake, events } = explained;
  return {
    ok,
    reason,
    detail,
    advice,
    scheme,
    secret: secretId,
    handshake: isHandshake,
    events_count: events.length,
    events: events.slice(0, eventsNamedMax).map(({ externalId, type, occurredAt, unreadable }) => ({
      external_id: externalId,
      type,
      occurred_at: iso(occurredAt),
      readable: unreadable === undefined,
    })),
  };
}
