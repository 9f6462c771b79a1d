import { eventOf, type HookEntry, type HookedCall } from "../../../src/domain/hooks/told-event.ts";
import type { OutboxEntry } from "../../../src/ports/hooks/outbox.ts";

export const entryAt = Date.parse("2026-01-05T18:00:00Z");
export const callId = "0b9f6e2c-db7d-4b0f-9a6f-0a3c1f2d4e5b";

/** The row of a call that has ended. */
export const endedCall: HookedCall = {
  id: callId,
  try: 1,
  againOf: null,
  status: "ended",
  outcome: "no_answer",
  outcomeRaw: "no-answer",
  reason: null,
  source: "acme",
  rule: "call-me",
  ruleVersion: 3,
  eventId: "7d9f6e2c-db7d-8b0f-9a6f-0a3c1f2d4e5b",
  mode: "live",
  line: "support-en",
  orderNumber: "#12345",
  recordType: "order",
  recordId: "987",
  number: "+14155550100",
  about: "They wrote: «my parcel is lost»",
  summary: "Nobody answered.",
  recordingUrl: "https://app.mihu.ai/r/1",
  conversationUuid: "c-1",
  mihuId: "m-1",
  createdAt: entryAt - 60_000,
  dueAt: entryAt - 60_000,
  placedAt: entryAt - 30_000,
  endedAt: entryAt,
  durationS: 12,
};

/** The entry of a call's end, or another one. */
export function entryOf(changes: Partial<HookEntry> = {}): OutboxEntry {
  return {
    tx: "700",
    id: 7,
    at: entryAt,
    subject: "call",
    subjectId: callId,
    action: "ended",
    actor: "mihu",
    reason: null,
    data: {},
    sequence: 3,
    call: endedCall,
    next: null,
    ...changes,
  };
}

/** The event of an entry that makes one. */
export function eventOfEntry(entry: HookEntry) {
  const event = eventOf(entry);
  if (event === null) throw new Error(`${entry.subject} ${entry.action} makes no event`);
  return event;
}
