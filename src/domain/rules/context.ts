/**
 * The context of conditions and texts: `event`, `data` (this event's payload), `record` (fetched records).
 *
 * Payloads come from strangers. The context is a copy of objects without prototype, no deeper than {@link
 * jsonDepthMax}, and without keys that have a meaning in the language. So neither CEL nor Liquid can reach a prototype,
 * a method or a getter. Pure; the payload itself is not changed.
 */
import { jsonDepthMax } from "../json.ts";

/** Facts about the event itself. */
type EventFacts = {
  readonly id: string;
  readonly type: string;
  /** Epoch milliseconds; null if the sender gives no time. */
  readonly occurredAt: number | null;
  readonly source: string;
};

export type MappingContext = {
  readonly event: {
    readonly id: string;
    readonly type: string;
    /** ISO 8601 in UTC: `timestamp(event.occurred_at)` in CEL, `| date: "%H:%M"` in Liquid. */
    readonly occurred_at: string | null;
    readonly source: string;
  };
  readonly data: unknown;
  readonly record: unknown;
  /** Work budget shared by all conditions and texts of this context. Absent: each has only its own limit. */
  readonly account?: WorkAccount;
};

/**
 * Remaining work, in the weights of conditions (condition/meter.ts). Evaluations subtract from it, and it may become
 * negative.
 */
export type WorkAccount = { left: number };

/** The last millisecond of an ECMAScript date (ECMA-262, section 21.4.1.1). */
const dateMsMax = 8.64e15;

/**
 * @param event Facts about the event.
 * @param data Its payload, as parsed from JSON.
 * @param record Records fetched from the CRM, or null.
 */
export function buildContext(event: EventFacts, data: unknown, record: unknown): MappingContext {
  const { id, type, occurredAt, source } = event;
  const dated = occurredAt !== null && Math.abs(occurredAt) <= dateMsMax;
  const facts = { id, type, occurred_at: dated ? new Date(occurredAt).toISOString() : null, source };
  return { event: Object.assign(Object.create(null), facts), data: harmless(data, 0), record: harmless(record, 0) };
}

/** @returns A copy of objects without prototype, as the context needs it. */
export function harmlessCopy(value: unknown): unknown {
  return harmless(value, 0);
}

/** Keys that some language treats as more than data. They are dropped. */
function isTrap(key: string): boolean {
  return key === "__proto__" || key === "constructor" || key === "prototype";
}

function harmless(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "object":
      break;
    default:
      return null;
  }
  // Defence in depth: deeper requests were already rejected.
  if (value === null || depth >= jsonDepthMax) return null;
  if (Array.isArray(value)) return value.map((item) => harmless(item, depth + 1));
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value)) {
    if (!isTrap(key)) copy[key] = typeof item === "string" ? item : harmless(item, depth + 1);
  }
  return copy;
}
