/** A lively world: every kind of row that the pages show, for the browser and for looking at. */
import {
  callRow,
  emptyWorld,
  entryRow,
  eventRow,
  minuteMs,
  type PagesWorld,
  pagesNowMs,
  sourceRow,
  unplacedCall,
} from "./world.ts";

export function livelyWorld(): PagesWorld {
  const world = emptyWorld();
  const done = callRow();
  const again = callRow({
    try: 2,
    againOf: null,
    orderNumber: "#12343",
    outcome: "no_answer",
    durationS: null,
    createdAt: pagesNowMs - 30 * minuteMs,
  });
  world.calls.push(
    unplacedCall({
      status: "queued",
      orderNumber: "#12346",
      dueAt: pagesNowMs + 30 * minuteMs,
      createdAt: pagesNowMs - minuteMs,
      number: "+442079460018",
    }),
    callRow({
      status: "placed",
      outcome: null,
      orderNumber: "#12347",
      createdAt: pagesNowMs - 2 * minuteMs,
      number: "+14155550177",
    }),
    done,
    unplacedCall({
      status: "skipped",
      reason: "no_number",
      orderNumber: "#12344",
      number: null,
      line: null,
      createdAt: pagesNowMs - 12 * minuteMs,
    }),
    unplacedCall({
      status: "held",
      reason: "placeholder",
      detail: { field: "greeting", path: "data.customer.first_name", problem: "missing" },
      orderNumber: "2026-DE-000481-long",
      source: "beta-shop-with-a-long-name",
      rule: "order-issue-opened",
      createdAt: pagesNowMs - 20 * minuteMs,
    }),
    unplacedCall({
      status: "unknown",
      reason: "timed_out",
      orderNumber: "#12299",
      createdAt: pagesNowMs - 25 * minuteMs,
    }),
    again,
    unplacedCall({
      status: "skipped",
      reason: "shadow",
      source: "beta-shop",
      orderNumber: "#12345",
      createdAt: pagesNowMs - 90 * minuteMs,
    }),
  );
  world.events.push(
    eventRow({ id: done.eventId, state: "planned", reason: null }),
    eventRow({ type: "orders/create", receivedAt: pagesNowMs - 60 * minuteMs }),
    eventRow({ type: "orders/cancelled", receivedAt: pagesNowMs - minuteMs, reason: "withdraws_only" }),
  );
  const at = (ms: number) => pagesNowMs - 5 * minuteMs + ms;
  world.entries.push(
    entryRow(done.id, "queued", {
      at: at(0),
      data: {
        event_id: done.eventId,
        rule: "call-me",
        rule_version: 3,
        mode: "live",
        line: "support-en",
        due_at: "2026-11-23T15:28:07.000Z",
      },
    }),
    entryRow(done.id, "dialing", { at: at(40), actor: "line:support-en", data: { claim: 41 } }),
    entryRow(done.id, "placed", {
      at: at(700),
      actor: "line:support-en",
      data: { conversation_uuid: done.conversationUuid },
    }),
    entryRow(done.id, "ended", {
      at: pagesNowMs - 2 * minuteMs,
      actor: "mihu",
      data: { outcome: "completed", duration_s: 133 },
    }),
    entryRow(done.id, "read", { at: pagesNowMs, actor: "token:8a1f0c52-0000-4000-8000-000000000001" }),
  );
  world.verdicts.push(
    {
      at: at(0),
      gate: "countries",
      verdict: "pass",
      inputs: { country: "US", allowed: ["US", "CA"], line: "support-en" },
    },
    {
      at: at(0),
      gate: "hours",
      verdict: "pass",
      inputs: { zones: ["America/New_York"], zone_from: "source", hours: true, due_at: at(0) },
    },
  );
  world.sources.push(
    sourceRow(),
    sourceRow({
      slug: "beta-shop-with-a-long-name",
      pausedAt: pagesNowMs - 30 * minuteMs,
      pauseDetail: "the shop is moving",
    }),
    sourceRow({ slug: "beta-shop", secrets: [] }),
  );
  world.heard.push({
    ...{
      source: "acme-orders",
      firstAt: pagesNowMs - 90 * minuteMs,
      lastAt: pagesNowMs - minuteMs,
      lastRejectionAt: pagesNowMs,
    },
    ...{ events: 1_000, more: true, waiting: 0, fetchWaiting: 0, busiest: null, fetchNextAt: null },
  });
  world.heard.push({
    ...{
      source: "beta-shop",
      firstAt: null,
      lastAt: null,
      lastRejectionAt: null,
      events: 0,
      more: false,
      waiting: 0,
      fetchWaiting: 0,
      busiest: null,
      fetchNextAt: null,
    },
  });
  world.rejections.push({
    ...{ id: "r-1", at: pagesNowMs - 3 * minuteMs, code: "signature_wrong", headers: [], bodyBytes: 812 },
    detail: "None of the source's secrets verifies the signature.",
  });
  return world;
}
