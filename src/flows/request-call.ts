/** A call that is asked for directly: an event of the source `api`, through the same inbox, plan and gates as every other. */
import { apiSource, type DirectCall, draftDirect } from "../domain/direct.ts";
import type { NewEvent } from "../domain/event.ts";
import { normaliseOrderNumber } from "../domain/order-number.ts";
import type { CallDraft } from "../domain/plan.ts";
import type { Inboxes, SourceStore } from "../ports/inbox.ts";
import type { Clock, Identity } from "../ports/runtime.ts";

export type RequestCallPorts = { clock: Clock; identity: Identity; inboxes: Inboxes; sources: SourceStore };

/** How a request for a call ended. */
export type RequestedCall =
  | { readonly ok: true; readonly eventId: string; readonly duplicate: boolean; readonly conflict: boolean }
  | { readonly ok: false; readonly reason: "away"; readonly retryAfterSeconds: number }
  | { readonly ok: false; readonly reason: "refused" };

/**
 * Makes the request durable and plans it.
 *
 * @param idempotencyKey the caller's; without one every request is another call
 */
export async function requestCall(
  ports: RequestCallPorts,
  wanted: DirectCall,
  idempotencyKey: string | null,
): Promise<RequestedCall> {
  const body = JSON.stringify(wanted);
  // The caller's keys and our own ids are kept apart: nobody can guess their way into another's key.
  const dedupeKey = idempotencyKey === null ? `own:${ports.identity.randomId()}` : `key:${idempotencyKey}`;
  const key = wanted.order_number === undefined ? "" : normaliseOrderNumber(wanted.order_number);
  const event: NewEvent = {
    id: ports.identity.eventId(apiSource, dedupeKey),
    source: apiSource,
    dedupeKey,
    externalId: idempotencyKey,
    type: "call.requested",
    occurredAt: null,
    orderNumber: wanted.order_number ?? null,
    orderNumberKey: key === "" ? null : key,
    record: wanted.record ?? null,
    body,
    bodyHash: ports.identity.sha256Hex(body),
    headers: {},
  };
  const kept = await ports.inboxes.accept(apiSource, [event], true);
  if (!kept.ok) return kept;
  const [acceptance] = kept.acceptances;
  return {
    ok: true,
    eventId: event.id,
    duplicate: acceptance?.duplicate ?? false,
    conflict: acceptance?.conflict ?? false,
  };
}

/** What the call would be, without making it. The gates that only Postgres can ask are not asked. */
export async function dryRunCall(ports: RequestCallPorts, wanted: DirectCall): Promise<CallDraft> {
  const [source, { lines }] = await Promise.all([ports.sources.copy(apiSource), ports.sources.lines()]);
  const view = { slug: apiSource, country: source?.country ?? null, zone: source?.zone ?? null };
  return draftDirect(wanted, view, new Map(lines.map((line) => [line.slug, line])), ports.clock.now());
}
