/** A call that is asked for directly: an event of the source `api`, through the same inbox, plan and gates as every other. */

import type { NewEvent } from "../../domain/events/event.ts";
import { normaliseOrderNumber } from "../../domain/events/order-number.ts";
import { apiSource, type DirectCall, draftDirect } from "../../domain/plan/direct-call.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { Clock, Identity } from "../../ports/runtime.ts";

export type RequestCallPorts = { clock: Clock; identity: Identity; inboxes: Inboxes; sources: SourceStore };

/** How a request for a call ended. */
export type RequestedCall =
  | {
      readonly ok: true;
      readonly eventId: string;
      readonly duplicate: boolean;
      readonly conflict: boolean;
      /** It waits for Postgres on the inbox's own disk: it is accepted, and there is no call of it yet. */
      readonly spilled: boolean;
    }
  | { readonly ok: false; readonly reason: "away"; readonly retryAfterSeconds: number }
  | { readonly ok: false; readonly reason: "refused" };

/**
 * Makes the request durable and plans it.
 *
 * @param idempotency the caller's key, and who the caller is: two callers with one key mean two calls, and a token that takes the
 *   place of another under its name means the same. Without a key every request is another call
 */
export async function requestCall(
  ports: RequestCallPorts,
  wanted: DirectCall,
  idempotency: { readonly holder: string; readonly key: string } | null,
): Promise<RequestedCall> {
  const body = JSON.stringify(wanted);
  // Callers' keys and our own ids are kept apart: nobody can guess their way into another's key.
  const dedupeKey = idempotency === null ? `own:${ports.identity.randomId()}` : keyOf(idempotency);
  const key = wanted.order_number === undefined ? "" : normaliseOrderNumber(wanted.order_number);
  const event: NewEvent = {
    id: ports.identity.eventId(apiSource, dedupeKey),
    source: apiSource,
    dedupeKey,
    former: null,
    externalId: idempotency?.key ?? null,
    type: "call.requested",
    occurredAt: null,
    orderNumber: wanted.order_number ?? null,
    orderNumberKey: key === "" ? null : key,
    record: wanted.record ?? null,
    body,
    bodyHash: ports.identity.sha256Hex(body),
    headers: {},
  };
  const answer = await ports.inboxes.accept(apiSource, [event], { waitForPlan: true });
  if (!answer.ok) return answer;
  const [acceptance] = answer.acceptances;
  return {
    ok: true,
    eventId: event.id,
    duplicate: acceptance?.duplicate ?? false,
    conflict: acceptance?.conflict ?? false,
    spilled: answer.spilled ?? false,
  };
}

/** The holder's length stands before it, so that no two pairs share a text. */
function keyOf({ holder, key }: { readonly holder: string; readonly key: string }): string {
  return `key:${holder.length}:${holder}:${key}`;
}

/** What the call would be, without making it. The gates that only Postgres can ask are not asked. */
export async function dryRunCall(ports: RequestCallPorts, wanted: DirectCall): Promise<CallDraft> {
  const [source, { lines }] = await Promise.all([ports.sources.copy(apiSource), ports.sources.lines()]);
  const view = { slug: apiSource, country: source?.country ?? null, zone: source?.zone ?? null };
  return draftDirect(wanted, view, new Map(lines.map((line) => [line.slug, line])), ports.clock.now());
}
