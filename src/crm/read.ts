import { type JsonValue, valueAt } from "../domain/json.ts";
import { eventsPerRequestMax } from "../domain/limits.ts";
import type {
  EventReading,
  IncomingEvent,
  Place,
  Preset,
  ReadResult,
  SourceSettings,
  WebhookRequest,
} from "../domain/source.ts";
import { sha256Hex } from "../platform/identity.ts";
import { identify, typeName } from "./identity.ts";
import { readMoment } from "./moments.ts";
import { findPlace, isObject, type Surroundings } from "./places.ts";
import { fullSettings } from "./settings.ts";

/** A verified request, its text and what the text says. */
export type Reading = {
  readonly preset: Preset;
  readonly settings: SourceSettings;
  readonly request: WebhookRequest;
  readonly json: JsonValue;
  readonly text: string;
};

/**
 * Splits a verified request into its events and names each. An element of a batch that is no object becomes an event that is
 * `unreadable`; the others are good. An empty batch is no event and no mistake: some senders use it as a heartbeat.
 *
 * @returns The events in the request's order, or why the whole cannot be read.
 */
export async function readEvents({ preset, settings, request, json, text }: Reading): Promise<ReadResult> {
  const reading = preset.reading(fullSettings(preset, settings));
  const headers = request.headers;
  const batch = batchOf(json, reading.split);
  const unsigned = preset.unsignedFields.includes("id");

  if (batch === null) {
    if (!isObject(json)) return unreadable("not_an_object", "The signed body is JSON, but no object.");
    if (reading.split !== "" && reading.split !== ".") {
      return unreadable("batch_missing", `The signed body has no array of events at "${reading.split}".`);
    }
    return { ok: true, events: [readOne(reading, { headers, envelope: json, payload: json }, text, null, unsigned)] };
  }

  if (batch.length > eventsPerRequestMax) {
    return unreadable(
      "too_many_events",
      `One request may carry ${eventsPerRequestMax} events; this has ${batch.length}.`,
    );
  }
  const events = batch.map((payload, index) =>
    readOne(reading, { headers, envelope: json, payload }, JSON.stringify(payload), index, unsigned),
  );
  return { ok: true, events };
}

function batchOf(json: JsonValue, split: string): readonly JsonValue[] | null {
  if (split === "") return null;
  const found = valueAt(json, split === "." ? "" : split);
  return Array.isArray(found) ? found : null;
}

/** @param index Of the element in its batch; null where the body is the event. */
function readOne(
  reading: EventReading,
  around: Surroundings,
  body: string,
  index: number | null,
  idUnsigned: boolean,
): IncomingEvent {
  const bodyHash = sha256Hex(body);
  const id = index === null ? firstOf(reading.id, around) : elementId(reading.id, around, index);
  const event: IncomingEvent = {
    ...identify(id, bodyHash),
    type: typeName(firstOf(index === null ? reading.type : ownFirst(reading.type), around), reading.typeDefault),
    occurredAt: occurredAt(reading.time, around),
    data: around.payload,
    body,
    bodyHash,
    ...(idUnsigned ? { idUnsigned: true as const } : {}),
  };
  return isObject(around.payload) ? event : { ...event, unreadable: "not_an_object" };
}

function firstOf(places: readonly Place[], around: Surroundings): string | null {
  for (const place of places) {
    const found = findPlace(place, around);
    if (found !== null) return found;
  }
  return null;
}

/** An id that the whole request has (a header) is one for all its elements: the element's own goes first, its position is added. */
function elementId(places: readonly Place[], around: Surroundings, index: number): string | null {
  const own = firstOf(places.filter(isOwn), around);
  if (own !== null) return own;
  const shared = firstOf(
    places.filter((place) => !isOwn(place)),
    around,
  );
  return shared === null ? null : `${shared}#${index}`;
}

function ownFirst(places: readonly Place[]): readonly Place[] {
  return [...places.filter(isOwn), ...places.filter((place) => !isOwn(place))];
}

function isOwn(place: Place): boolean {
  return "path" in place || ("joined" in place && place.joined.some(isOwn));
}

function occurredAt(places: readonly Place[], around: Surroundings): number | null {
  for (const place of places) {
    const found = findPlace(place, around);
    const moment = found === null ? null : readMoment(found);
    if (moment !== null) return moment;
  }
  return null;
}

function unreadable(reason: "not_an_object" | "batch_missing" | "too_many_events", detail: string): ReadResult {
  return { ok: false, reason, detail };
}
