import type { IncomingEvent, ReadResult, UnreadableReason, WebhookRequest } from "../../domain/events/webhook.ts";
import { isObject, type JsonValue, valueAt } from "../../domain/json.ts";
import { sha256Hex } from "../../platform/hashes.ts";
import { schemeOf } from "../preset/chosen-scheme.ts";
import type { EventKey, EventReading, GivenSettings, Preset, ValueLocation } from "../preset/preset.ts";
import { type DecodedBody, decodeBody } from "../request/body.ts";
import { bodyCredentials, withoutCredentials, withoutPath } from "../request/credentials.ts";
import { looksCompressed } from "../request/inflate.ts";
import {
  headerOf,
  isWrittenAt,
  type LocationContext,
  nameOf,
  timeAtLocation,
  unwrapped,
  valueAtLocation,
  valuesThrough,
} from "../request/paths.ts";
import { signedText } from "../request/signed-text.ts";
import { readEventTime } from "../request/timestamps.ts";
import { eventIdentity, typeName } from "./event-identity.ts";

/**
 * Characters of all events of one request. Shared fields are copied into each event, which could multiply a megabyte by
 * a thousand.
 */
const splitCharactersMax = 8_388_608;

/** Events of one request. HubSpot and Salesforce send at most 100. */
const eventsPerRequestMax = 1_000;

/** A verified request of a source. */
type Reading = {
  readonly preset: Preset;
  readonly settings: GivenSettings;
  readonly request: WebhookRequest;
  /** Epoch milliseconds. */
  readonly nowMs: number;
};

/** Data shared by the events of one request. */
type RequestContext = {
  readonly reading: EventReading;
  readonly headers: Readonly<Record<string, string>>;
  readonly envelope: JsonValue;
  readonly isXml: boolean;
  readonly idUnsigned: boolean;
  /**
   * Signed text to hash instead of the decoded values, if other bytes may decode to the same values. Null for JSON, and
   * if the id is signed. Set if an unsigned header helps to decode the body.
   */
  readonly signed: string | null;
  /** The signature covers no timestamp, so a captured request can be replayed at any time. */
  readonly isTimeless: boolean;
  readonly window: number | null;
  readonly replayWindow: number | null;
};

/**
 * Reads a verified request: removes credentials, splits it into events, and identifies each.
 *
 * An element of a batch that is no object (or no id, in a batch of ids) becomes an `unreadable` event; the others are
 * read. An empty batch makes no event and is no error: some senders use it as a heartbeat.
 *
 * @returns The events in the request's order, or the reason why the request cannot be read.
 */
export async function readEvents(given: Reading): Promise<ReadResult> {
  const { body: rules } = schemeOf(given.preset, given.settings);
  const read = readAll(given);
  const body = decodeBody(given.request, rules);
  if (!read.ok || !body.ok || body.isPlain || rules.signs === "nothing") return read;
  const keys = keysOf(given, body);
  return { ok: true, events: read.events.map((event, index) => keyedAs(event, keys[index])) };
}

/**
 * Dedupe keys for a body that an unsigned header helps to decode (a charset, a `Content-Encoding`). An attacker could
 * change that header and get a second key for the same signed bytes. So keys are read as Windows-1252, whatever is
 * declared: it has ASCII in common with every accepted charset and maps every other byte to a character.
 *
 * @returns The events that give the keys. None for compressed bytes that were not inflated, because they could be
 *   parsed as a form.
 */
function keysOf(given: Reading, body: DecodedBody): readonly IncomingEvent[] {
  const { request } = given;
  if (looksCompressed(request.body) && !body.notes.includes("inflated")) return [];
  const media = (headerOf(request.headers, "content-type") ?? "").split(";", 1)[0] ?? "";
  const headers = { ...request.headers, "content-type": `${media}; charset=windows-1252` };
  const read = readAll({ ...given, request: { ...request, headers } });
  return read.ok ? read.events : [];
}

/**
 * @returns The event with the key of another reading of its bytes. Without another reading, the hash of the signed
 *   bytes is the key.
 */
function keyedAs(event: IncomingEvent, keyed: IncomingEvent | undefined): IncomingEvent {
  const { formerKey: _, idUnsigned, replayWindow: __, ...rest } = event;
  const { bodyHash } = event;
  if (keyed === undefined)
    return { ...rest, dedupeKey: `body-sha256:${bodyHash}`, ...(idUnsigned === undefined ? {} : { idUnsigned }) };
  return {
    ...rest,
    dedupeKey: keyed.dedupeKey,
    ...(keyed.formerKey === undefined ? {} : { formerKey: keyed.formerKey }),
    ...(keyed.idUnsigned === undefined ? {} : { idUnsigned: keyed.idUnsigned }),
    ...(keyed.replayWindow === undefined ? {} : { replayWindow: keyed.replayWindow }),
  };
}

function readAll({ preset, settings, request, nowMs }: Reading): ReadResult {
  const chosen = schemeOf(preset, settings);
  const { scheme, reading } = chosen;
  const body = decodeBody(request, chosen.body);
  if (!body.ok) return unreadable(body.reason, body.detail);
  const credentials = bodyCredentials(scheme, chosen.recipe);
  const envelope = credentials === null ? body.value : withoutCredentials(body.value, credentials);
  // If the body may contain a credential, its original text is not stored. A parser sees only one value of a repeated
  // name, so another value could be left in the text.
  const text = credentials === null ? body.text : JSON.stringify(envelope);
  const isBytes = !body.isPlain && chosen.body.signs !== "nothing";
  const isText = !isBytes && (body.format === "json" || !scheme.unsignedFields.includes("id"));
  const frame: RequestContext = {
    reading,
    headers: request.headers,
    envelope,
    isXml: body.format === "xml",
    idUnsigned: scheme.unsignedFields.includes("id"),
    signed: isText ? null : signedText(chosen, request),
    isTimeless: "template" in chosen.recipe && chosen.recipe.timestamp === undefined,
    window: windowOf(reading.sameBodyMs, nowMs),
    replayWindow: windowOf(reading.replayMs, nowMs),
  };
  const batch = batchOf(frame);
  if (batch !== null) return splitInto(batch, frame);
  const event = reading.split === "" ? unwrapped(envelope) : envelope;
  if (!isObject(event)) return unreadable("not_an_object", noObject(envelope));
  if (reading.split !== "" && reading.split !== ".")
    return unreadable("batch_missing", `The signed body has no array of events at "${reading.split}".`);
  return { ok: true, events: [readEvent(frame, event, event === envelope ? text : JSON.stringify(event), null)] };
}

function noObject(envelope: JsonValue): string {
  if (!Array.isArray(envelope)) return "The body is not an object.";
  return envelope.length === 0
    ? "The body is an empty array, so it has no event."
    : "The body is an array, but the source does not read arrays as events.";
}

function windowOf(lengthMs: number | undefined, nowMs: number): number | null {
  return lengthMs === undefined ? null : Math.floor(nowMs / lengthMs);
}

/** n8n sends all items of a run as one array, even to an endpoint that expects one event per request. */
function batchOf({ reading: { split }, envelope, isXml }: RequestContext): readonly JsonValue[] | null {
  if (split === "") return Array.isArray(envelope) && envelope.length > 1 && envelope.some(isObject) ? envelope : null;
  if (isXml && split !== ".") {
    const found = valuesThrough(envelope, split);
    return found.length === 0 ? null : found;
  }
  const found = valueAt(envelope, split === "." ? "" : split);
  return Array.isArray(found) ? found : null;
}

function splitInto(batch: readonly JsonValue[], frame: RequestContext): ReadResult {
  if (batch.length > eventsPerRequestMax) {
    const detail = `One request may carry ${eventsPerRequestMax} events; this has ${batch.length}.`;
    return unreadable("too_many_events", detail);
  }
  const payloadOf = payloads(frame);
  const events: IncomingEvent[] = [];
  let characters = 0;
  for (const [index, element] of batch.entries()) {
    const isGood = isWhole(frame, element);
    // An object in place of an id is stored inside an array, so that the stored text is unreadable in a later plan too.
    const payload = isGood ? payloadOf(element) : isObject(element) ? [element] : element;
    const text = JSON.stringify(payload);
    characters += text.length;
    if (characters > splitCharactersMax)
      return unreadable("split_too_large", "The part that all its events share is too large to store with each.");
    const event = readEvent(frame, payload, text, index);
    events.push(isGood ? event : { ...event, unreadable: "not_an_object" });
  }
  return { ok: true, events };
}

function isWhole({ reading }: RequestContext, element: JsonValue): boolean {
  return reading.elementAs === undefined ? isObject(element) : nameOf(element) !== null;
}

/** Builds the payload of an event from an element of the batch. */
function payloads({ reading, envelope, isXml }: RequestContext): (element: JsonValue) => JsonValue {
  const { elementAs, shared = [], split } = reading;
  if (elementAs !== undefined) {
    const rest = split === "." ? {} : withoutPath(envelope, split.split("."));
    return (element) => ({ ...(isObject(rest) ? rest : {}), [elementAs]: element });
  }
  const common: [string, JsonValue][] = [];
  for (const path of shared) {
    const found = isXml ? valuesThrough(envelope, path)[0] : valueAt(envelope, path);
    if (found !== undefined) common.push([path.slice(path.lastIndexOf(".") + 1), found]);
  }
  if (common.length === 0) return (element) => element;
  // An element's own field takes precedence over a shared one.
  return (element) => ({ ...Object.fromEntries(common), ...(isObject(element) ? element : {}) });
}

/** @param index Position of the element in its batch; null if the body is the event. */
function readEvent(frame: RequestContext, payload: JsonValue, body: string, index: number | null): IncomingEvent {
  const { reading, headers, envelope, isXml, signed, window } = frame;
  const around: LocationContext = { headers, envelope, payload, isXml };
  const own = signed === null ? null : `${signed}#${index ?? ""}`;
  const bodyHash = sha256Hex(own ?? withoutCounters(reading, payload) ?? body);
  const { id, of } = index === null ? named(reading, reading.id, around) : namedElement(reading, around, index);
  const type = typeName(firstOf(index === null ? reading.type : ownFirst(reading.type), around), reading.typeDefault);
  // Identical bytes are another event in the next window. They may be a replay, so the event's id counts as unsigned.
  const returns = !frame.idUnsigned && frame.isTimeless && id === null && window !== null;
  const idUnsigned = frame.idUnsigned || returns;
  const replayWindow = returns ? window : frame.replayWindow;
  return {
    ...eventIdentity({ id, of, type, bodyHash, window }),
    type,
    ...ownTime(reading.time, around),
    data: payload,
    body,
    bodyHash,
    ...(idUnsigned ? { idUnsigned: true as const } : {}),
    ...(idUnsigned && replayWindow !== null ? { replayWindow } : {}),
  };
}

/** The payload without the sender's retry counters; null if the sender has none. */
function withoutCounters({ counters }: EventReading, payload: JsonValue): string | null {
  if (counters === undefined) return null;
  return JSON.stringify(counters.reduce((left, path) => withoutPath(left, path.split(".")), payload));
}

function firstOf(places: readonly ValueLocation[], around: LocationContext): string | null {
  for (const place of places) {
    const found = valueAtLocation(place, around);
    if (found !== null) return found;
  }
  return null;
}

/** An event's id, and the parts of its dedupe key beside it. */
type Found = { readonly id: string | null; readonly of: EventKey["of"] };

function named({ key }: EventReading, places: readonly ValueLocation[], around: LocationContext): Found {
  for (const place of places) {
    const id = valueAtLocation(place, around);
    if (id !== null) return { id, of: key.headerAlone === true && "header" in place ? "id" : key.of };
  }
  return { id: null, of: key.of };
}

/**
 * An element's own id takes precedence. An id from a header is shared by the whole request, so the element's position
 * is appended.
 */
function namedElement(reading: EventReading, around: LocationContext, index: number): Found {
  const own = named(reading, reading.id.filter(isOwn), around);
  if (own.id !== null) return own;
  const shared = named(
    reading,
    reading.id.filter((place) => !isOwn(place)),
    around,
  );
  return shared.id === null ? shared : { id: `${shared.id}#${index}`, of: shared.of };
}

function ownFirst(places: readonly ValueLocation[]): readonly ValueLocation[] {
  return [...places.filter(isOwn), ...places.filter((place) => !isOwn(place))];
}

function isOwn(place: ValueLocation): boolean {
  return "path" in place || ("joined" in place && place.joined.some(isOwn));
}

/**
 * The first readable time counts. An unreadable time does not reject the event. The event then has no `occurredAt`, and
 * `timeIgnored` is set.
 */
function ownTime(
  places: readonly ValueLocation[],
  around: LocationContext,
): Pick<IncomingEvent, "occurredAt" | "timeIgnored"> {
  let written = false;
  for (const place of places) {
    const found = timeAtLocation(place, around);
    const moment = found === null ? null : readEventTime(found);
    if (moment !== null) return { occurredAt: moment };
    written ||= isWrittenAt(place, around);
  }
  return { occurredAt: null, ...(written ? { timeIgnored: true as const } : {}) };
}

function unreadable(reason: UnreadableReason, detail: string): ReadResult {
  return { ok: false, reason, detail };
}
