/** Hooks and deliveries as the API shows them. Times are ISO 8601 in UTC. */
import { maskText } from "../../domain/people/mask.ts";
import { explain } from "../../domain/reasons.ts";
import type { DeliveryRow, TryRow } from "../../ports/hooks/delivery-lookups.ts";
import type { HookRow } from "../../ports/hooks/hooks.ts";
import { iso } from "../moment.ts";

const words = (reason: string | null) => (reason === null ? null : explain(reason));

/** A hook without its secrets. A hook whose owner has no valid token waits, and so counts as paused. */
export function hookView(hook: HookRow, nowMs: number) {
  const waits = hook.state === "active" && !hook.hasToken;
  const reason = waits ? "token_ended" : hook.stateReason;
  return {
    id: hook.id,
    owner: hook.owner,
    target_url: hook.targetUrl,
    format: hook.format,
    events: hook.events,
    when: hook.condition,
    when_error: hook.conditionError,
    when_error_at: iso(hook.conditionErrorAt),
    payload: hook.payload,
    header_names: hook.headerNames,
    description: hook.description,
    state: waits ? "paused" : hook.state,
    reason,
    reason_text: words(reason),
    detail: waits ? null : hook.state === "disabled" ? words(hook.stateDetail) : hook.stateDetail,
    since: iso(hook.stateSince),
    failing_since: iso(hook.failingSince),
    former_secret_until: hook.formerUntil !== null && hook.formerUntil > nowMs ? iso(hook.formerUntil) : null,
    pending: hook.pending,
    next_at: hook.state === "active" && !waits ? iso(hook.nextAt) : null,
    last_try:
      hook.lastTry === null
        ? null
        : {
            at: iso(hook.lastTry.at),
            status: hook.lastTry.status,
            error: hook.lastTry.error,
            error_text: words(hook.lastTry.error),
          },
    created_at: iso(hook.createdAt),
    updated_at: iso(hook.updatedAt),
  };
}

export function deliveryView(delivery: DeliveryRow) {
  return {
    id: delivery.id,
    hook: delivery.hook,
    type: delivery.type,
    call: delivery.call,
    state: delivery.state,
    reason: delivery.reason,
    reason_text: words(delivery.reason),
    tries: delivery.tries,
    next_at: iso(delivery.nextAt),
    created_at: iso(delivery.createdAt),
    done_at: iso(delivery.doneAt),
  };
}

/**
 * A delivery with its body and its tries.
 *
 * @param seesAll Whether the reader may see numbers and texts. Another reader does not see a body that has them, nor the
 *   receiver's answer, which may repeat them.
 */
export function wholeDeliveryView(delivery: DeliveryRow, tries: readonly TryRow[], seesAll: boolean) {
  const shown = (text: string | null) => (seesAll || !delivery.personal ? text : maskText(text));
  return {
    ...deliveryView(delivery),
    body: shown(delivery.body),
    history: tries.map(({ nth, at, ms, status, error, answer }) => ({
      nth,
      at: iso(at),
      ms,
      status,
      error,
      error_text: words(error),
      answer: shown(answer),
    })),
  };
}
