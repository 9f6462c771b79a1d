/**
 * Finds an event's order number and record by the source's own templates, so that every event can be looked up, with or
 * without a call. A template that fails finds nothing and cannot reject the event.
 */
import type { CrmRecord } from "../calls/call.ts";
import { isObject, type JsonValue } from "../json.ts";
import { orderNumberCharactersMax } from "../limits.ts";
import { buildContext } from "../rules/context.ts";
import type { Text } from "../rules/text/program.ts";
import { compileText, pathsOf, renderText } from "../rules/text/text.ts";
import { normaliseOrderNumber } from "./order-number.ts";
import type { IncomingEvent } from "./webhook.ts";

/** Compiled templates of a source. */
export type Identification = {
  readonly orderNumber: Text | null;
  readonly recordType: Text | null;
  readonly recordId: Text | null;
  /** Fields of the payload that they read; null for any. A context of only these costs a tenth of the work. */
  readonly fields: readonly string[] | null;
};

/** Order number and record of an event. */
type Identified = {
  readonly orderNumber: string | null;
  readonly orderNumberKey: string | null;
  readonly record: CrmRecord | null;
};

/** Compiles a source's templates. A template that does not compile finds nothing. */
export function compileIdentification(source: {
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
}): Identification {
  const orderNumber = compileTemplate(source.orderNumber);
  const recordType = compileTemplate(source.recordType);
  const recordId = compileTemplate(source.recordId);
  return { orderNumber, recordType, recordId, fields: fieldsOf([orderNumber, recordType, recordId]) };
}

/**
 * @param slug The source's slug.
 * @returns Order number, raw and normalized, and record.
 */
export function identify(identification: Identification, slug: string, event: IncomingEvent): Identified {
  const { orderNumber: template, recordType, recordId } = identification;
  if (event.unreadable !== undefined || (template === null && recordId === null))
    return { orderNumber: null, orderNumberKey: null, record: null };
  const context = buildContext(
    { id: event.externalId ?? event.dedupeKey, type: event.type, occurredAt: event.occurredAt, source: slug },
    fieldsAlone(event.data, identification.fields),
    null,
  );
  const value = (text: Text | null): string | null => {
    if (text === null) return null;
    const made = renderText(text, context);
    const found = made.ok ? made.value.trim() : "";
    return found === "" || found.length > orderNumberCharactersMax ? null : found;
  };
  const orderNumber = value(template);
  const key = orderNumber === null ? "" : normaliseOrderNumber(orderNumber);
  const [type, id] = [value(recordType), value(recordId)];
  return {
    orderNumber,
    orderNumberKey: key === "" ? null : key,
    record: type === null || id === null ? null : { type, id },
  };
}

function compileTemplate(source: string | null): Text | null {
  if (source === null) return null;
  const made = compileText(source, "value");
  return made.ok ? made.text : null;
}

function fieldsOf(texts: readonly (Text | null)[]): string[] | null {
  const fields = new Set<string>();
  for (const path of texts.flatMap((text) => (text === null ? [] : pathsOf(text)))) {
    const [root, field] = path.split(".");
    if (root !== "data") continue;
    if (field === undefined || !/^\w+$/.test(field)) return null;
    fields.add(field);
  }
  return [...fields];
}

function fieldsAlone(data: JsonValue, fields: readonly string[] | null): unknown {
  if (fields === null || !isObject(data)) return data;
  const found: Record<string, JsonValue> = Object.create(null);
  for (const field of fields) {
    const value = Object.hasOwn(data, field) ? data[field] : undefined;
    if (value !== undefined) found[field] = value;
  }
  return found;
}
