/** Everything about an order in one list, oldest first. */

import type { DeliveryStore } from "../../ports/hooks/delivery-lookups.ts";
import type { CallLookups, CallRow } from "../../ports/lookups/calls.ts";
import type { EventRow } from "../../ports/lookups/events.ts";
import type { OrderLookups } from "../../ports/lookups/orders.ts";
import { tokensOf } from "../actors.ts";
import { type CallView, callView } from "../calls/call.ts";
import { type EventView, eventView } from "../calls/event.ts";
import { reportView } from "../calls/report.ts";
import { timelineView } from "../calls/timeline.ts";
import { deliveryView } from "../hooks/hook.ts";
import { type Reader, seesAll } from "../reader.ts";

/** One step. `about`: the call or the event, by its id. */
type Step = { readonly at: string; readonly about: string; readonly kind: string } & Readonly<Record<string, unknown>>;

export type EvidenceTimeline = {
  readonly events: readonly EventView[];
  readonly calls: readonly CallView[];
  readonly steps: readonly Step[];
};

type TimelinePorts = {
  readonly lookups: CallLookups & Pick<OrderLookups, "tokenNames">;
  readonly deliveries: Pick<DeliveryStore, "ofCall">;
};

/** Reads call by call, each with a bounded number of entries, verdicts, reports and deliveries. */
export async function timelineOf(
  { lookups, deliveries }: TimelinePorts,
  reader: Reader,
  calls: readonly CallRow[],
  events: readonly EventRow[],
): Promise<EvidenceTimeline> {
  const open = seesAll(reader);
  const steps: Step[] = [];
  const names = (of: readonly { actor: string }[]) => lookups.tokenNames(tokensOf(of.map(({ actor }) => actor)));
  for (const event of events) {
    const view = eventView(event, open);
    steps.push({ at: view.received_at, about: event.id, kind: "event", type: view.type, source: view.source });
    // No call has the event's id, so these are the event's own entries.
    const own = await lookups.timeline(event.id, event.id);
    steps.push(...timelineView(own, open, await names(own.entries)).map((step) => ({ about: event.id, ...step })));
  }
  for (const call of calls) {
    const rows = await lookups.timeline(call.id, call.eventId);
    const entries = rows.entries.filter(({ subject }) => subject === "call");
    steps.push(
      ...timelineView({ ...rows, entries }, open, await names(entries)).map((step) => ({ about: call.id, ...step })),
    );
    const reports = call.conversationUuid === null ? [] : await lookups.reports(call);
    for (const report of reports) {
      const view = reportView(report, open);
      steps.push({ at: view.received_at, about: call.id, kind: "report", ...view });
    }
    for (const delivery of await deliveries.ofCall(call.id)) {
      const view = deliveryView(delivery);
      steps.push({ at: view.created_at, about: call.id, kind: "delivery", ...view });
    }
  }
  const sorted = steps.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  return {
    events: events.map((event) => eventView(event, open)),
    calls: calls.map((call) => callView(call, open)),
    steps: sorted,
  };
}
