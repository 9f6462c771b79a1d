/**
 * Bodies of deliveries, in the form of Standard Webhooks: `{"type", "timestamp", "data"}` as compact JSON. A body is
 * rendered once and stored, and each try sends and signs these bytes.
 *
 * | payload         | `data` of a call's event                                   |
 * | --------------- | ---------------------------------------------------------- |
 * | `full`          | all fields; number and texts masked as in the API          |
 * | `full_with_pii` | all fields as they are                                     |
 * | `thin`          | ids and a link                                             |
 *
 * A body over {@link hookBodyBytesMax} is never left out: its texts are shortened, and if that does not suffice it is
 * thin with a note.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { explain } from "../reasons.ts";
import { callData, callIds, isPersonal } from "./call-data.ts";
import { testEventType } from "./event-types.ts";
import type { HookEntry, HookedCall, ToldEvent } from "./told-event.ts";

export const hookPayloads = ["full", "full_with_pii", "thin"] as const;
export type HookPayload = (typeof hookPayloads)[number];

/** Bytes of one body. */
const hookBodyBytesMax = 262_144;

/** Characters of each text in a body that would be too large. */
const shortenedCharactersMax = 4_096;

export type HookBody = {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/**
 * `body`: the text to store, sign and send. `value`: the same as an object, for `when`. `personal`: whether it has a
 * number or a text unmasked, which an erasure must reach.
 */
type RenderedBody = { readonly body: string; readonly value: HookBody; readonly personal: boolean };

type Rendering = {
  readonly payload: HookPayload;
  /** The service's public address without a trailing slash; null if it is not configured. */
  readonly publicUrl: string | null;
};

/**
 * Renders the body of an event.
 *
 * @param event The entry's event (told-event.ts).
 */
export function renderBody(entry: HookEntry, event: ToldEvent, how: Rendering): RenderedBody {
  const { type } = event;
  const { call } = entry;
  const timestamp = new Date(entry.at).toISOString();
  const told = { entry, call, event };
  const value = bounded({ type, timestamp, data: dataOf(told, how) }, () => dataOf(told, { ...how, payload: "thin" }));
  return {
    body: JSON.stringify(value),
    value,
    personal: how.payload === "full_with_pii" && call !== null && isPersonal(call),
  };
}

/** A body that tests a hook. `sample` is an invented `call.ended` as the hook receives it, so that tools know the fields. */
export function renderTestBody(hookId: string, nowMs: number, how: Rendering): RenderedBody {
  const event: ToldEvent = { type: "call.ended", sequence: 3, final: true, over: false };
  const sample = renderBody(sampleEntry(nowMs), event, how).value;
  const text = "A person asked for this test. `sample` is an invented event as this hook receives it.";
  const value = {
    type: testEventType,
    timestamp: new Date(nowMs).toISOString(),
    data: { id: hookId, text, sample },
  };
  return { body: JSON.stringify(value), value, personal: false };
}

type Told = { readonly entry: HookEntry; readonly call: HookedCall | null; readonly event: ToldEvent };

function dataOf(told: Told, { payload, publicUrl }: Rendering): Readonly<Record<string, unknown>> {
  const { entry, call, event } = told;
  if (entry.subject !== "call") return troubleData(entry, event, payload);
  if (payload === "thin" || call === null) return callIds(told, publicUrl);
  return callData({ entry, call, event }, { pii: payload === "full_with_pii", publicUrl });
}

/**
 * Data of an event about a line, a source or a hook, which is the same for each reader: the entries hold no number and
 * no text of a customer.
 */
function troubleData(
  { subject, subjectId, reason, data, at }: HookEntry,
  { over }: ToldEvent,
  payload: HookPayload,
): Readonly<Record<string, unknown>> {
  const since = typeof data.since === "string" ? Date.parse(data.since) : Number.NaN;
  const name =
    subject === "hook" ? { hook: subjectId } : subject === "line" ? { line: subjectId } : { source: subjectId };
  const facts =
    subject === "hook"
      ? { target: data.host ?? null }
      : subject === "source"
        ? { refused: data.refused ?? null, accepted: data.accepted ?? null }
        : {};
  const times = { since: new Date(Number.isNaN(since) ? at : since).toISOString(), over };
  if (payload === "thin") return { ...name, ...times };
  return {
    ...name,
    reason,
    reason_text: reason === null ? null : explain(reason),
    detail: data.detail ?? null,
    ...facts,
    ...times,
  };
}

/** @returns The body itself if it is small enough; else with shortened texts, or thin. */
function bounded(body: HookBody, thin: () => Readonly<Record<string, unknown>>): HookBody {
  if (isSmall(body)) return body;
  const note = `Texts are shortened to ${shortenedCharactersMax} characters: the whole body has over ${hookBodyBytesMax} bytes.`;
  const shorter = { ...body, data: { ...shortened(body.data), note } };
  if (isSmall(shorter)) return shorter;
  return { ...body, data: { ...thin(), note: `Only ids: the whole body has over ${hookBodyBytesMax} bytes.` } };
}

function shortened(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const short = (value: unknown) =>
    typeof value === "string" && value.length > shortenedCharactersMax
      ? `${value.slice(0, shortenedCharactersMax - 1).toWellFormed()}…`
      : value;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, short(value)]));
}

function isSmall(body: HookBody): boolean {
  const text = JSON.stringify(body);
  // UTF-8 has at most three bytes for each UTF-16 unit.
  return text.length * 3 <= hookBodyBytesMax || new TextEncoder().encode(text).length <= hookBodyBytesMax;
}

/** An invented call that a customer answered. Its number is reserved for fiction. */
function sampleEntry(nowMs: number): HookEntry {
  const id = "00000000-0000-4000-8000-000000000000";
  return {
    id: 0,
    at: nowMs,
    subject: "call",
    subjectId: id,
    action: "ended",
    actor: "mihu",
    reason: null,
    data: {},
    sequence: 3,
    next: null,
    call: {
      id,
      try: 1,
      againOf: null,
      status: "ended",
      outcome: "completed",
      outcomeRaw: "completed",
      reason: null,
      source: "acme-orders",
      rule: "call-me",
      ruleVersion: 1,
      eventId: "00000000-0000-8000-8000-000000000000",
      mode: "live",
      line: "support-en",
      orderNumber: "#12345",
      recordType: "order",
      recordId: "987",
      number: "+14155550100",
      about: "The customer's order number is #12345.",
      summary: "The customer wants a refund.",
      recordingUrl: null,
      conversationUuid: "00000000-0000-4000-8000-000000000001",
      mihuId: "00000000-0000-4000-8000-000000000002",
      createdAt: nowMs - 90_000,
      dueAt: nowMs - 90_000,
      placedAt: nowMs - 80_000,
      endedAt: nowMs,
      durationS: 75,
    },
  };
}
