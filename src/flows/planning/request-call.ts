/**
 * A directly requested call is an event of the source `api`. It takes the same inbox, plan and gates as every other
 * event.
 */

import type { NewEvent } from "../../domain/events/event.ts";
import { normaliseOrderNumber } from "../../domain/events/order-number.ts";
import { apiSource, type DirectCall, draftDirect, judgeLoop } from "../../domain/plan/direct-call.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import type { Inboxes } from "../../ports/ingest/inboxes.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { RehearsalStore } from "../../ports/planning/rehearsals.ts";
import type { Clock, Identity } from "../../ports/runtime.ts";

export type RequestCallPorts = { clock: Clock; identity: Identity; inboxes: Inboxes; sources: SourceStore };

type DryRunPorts = Pick<RequestCallPorts, "clock" | "sources"> & {
  rehearsals: Pick<RehearsalStore, "repeated">;
};

/** Result of a request for a call. */
export type RequestedCall =
  | {
      readonly ok: true;
      readonly eventId: string;
      readonly duplicate: boolean;
      readonly conflict: boolean;
      /**
       * Whether the event is on the inbox's disk, waiting for Postgres. It is accepted, and its call does not exist
       * yet.
       */
      readonly spilled: boolean;
    }
  | { readonly ok: false; readonly reason: "away"; readonly retryAfterSeconds: number }
  | { readonly ok: false; readonly reason: "refused" };

/**
 * Makes the request durable and plans it.
 *
 * @param idempotency The caller's key and the holder of the token. Two holders with one key make two calls. A token
 *   that replaces another under the same name is the same holder. Without a key, every request is another call.
 */
export async function requestCall(
  ports: RequestCallPorts,
  wanted: DirectCall,
  idempotency: { readonly holder: string; readonly key: string } | null,
): Promise<RequestedCall> {
  const body = JSON.stringify(wanted);
  // Callers' keys and our own ids have separate prefixes, so no caller can guess another's key.
  const dedupeKey = idempotency === null ? `own:${ports.identity.randomId()}` : keyOf(idempotency);
  const event: NewEvent = {
    id: ports.identity.eventId(apiSource, dedupeKey),
    source: apiSource,
    dedupeKey,
    former: null,
    externalId: idempotency?.key ?? null,
    type: "call.requested",
    occurredAt: null,
    orderNumber: wanted.order_number ?? null,
    orderNumberKey: orderKeyOf(wanted),
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

/** The length of the holder comes first, so that no two pairs have the same text. */
function keyOf({ holder, key }: { readonly holder: string; readonly key: string }): string {
  return `key:${holder.length}:${holder}:${key}`;
}

function orderKeyOf({ order_number: given }: DirectCall): string | null {
  const key = given === undefined ? "" : normaliseOrderNumber(given);
  return key === "" ? null : key;
}

/**
 * Returns the call without making it. Of the gates that only Postgres can check, the loop gate is checked: suppressions
 * and bursts are not.
 */
export async function dryRunCall(ports: DryRunPorts, wanted: DirectCall): Promise<CallDraft> {
  const [source, { lines }] = await Promise.all([ports.sources.copy(apiSource), ports.sources.lines()]);
  const view = { slug: apiSource, country: source?.country ?? null, zone: source?.zone ?? null };
  const draft = draftDirect(wanted, view, new Map(lines.map((line) => [line.slug, line])), ports.clock.now());
  if (draft.number === null || draft.status !== "queued") return draft;
  const asked = { number: draft.number, orderNumberKey: orderKeyOf(wanted), record: wanted.record ?? null };
  return judgeLoop(draft, await ports.rehearsals.repeated(asked));
}
