/**
 * The context of conditions and texts: `event`, `data` (this one event's payload), `record` (fetched records).
 *
 * Payloads come from strangers. The copy that is made here has only objects without prototype, no deeper than
 * {@link jsonDepthMax}, and no key that means something to the language: so neither CEL nor Liquid can reach a prototype,
 * a method or a getter through it. Pure; the payload itself is left as it was.
 */
import { jsonDepthMax } from "../json.ts";

/** Facts about the event itself. */
type EventFacts = {
  readonly id: string;
  readonly type: string;
  /** Epoch milliseconds; `null` when the sender gives no time. */
  readonly occurredAt: number | null;
  readonly source: string;
};

export type MappingContext = {
  readonly event: {
    readonly id: string;
    readonly type: string;
    /** ISO 8601 in UTC, as on the wire: `timestamp(event.occurred_at)` in CEL, `| date: "%H:%M"` in Liquid. */
    readonly occurred_at: string | null;
    readonly source: string;
  };
  readonly data: unknown;
  readonly record: unknown;
  /** What all conditions and texts that are evaluated with this context may cost together; absent: each has its own limits only. */
  readonly account?: WorkAccount;
};

/** Work that is left, in the weights of conditions (condition/meter.ts). Evaluations take from it, and it may end below zero. */
export type WorkAccount = { left: number };

/** The last millisecond that ECMAScript can date (ECMA-262, 21.4.1.1). */
const dateMsMax = 8.64e15;

/**
 * @param event what is known of the event
 * @param data its payload, as JSON gave it
 * @param record what was fetched from the CRM, or null
 */
export function buildContext(event: EventFacts, data: unknown, record: unknown): MappingContext {
  const { id, type, occurredAt, source } = event;
  const dated = occurredAt !== null && Math.abs(occurredAt) <= dateMsMax;
  const facts = { id, type, occurred_at: dated ? new Date(occurredAt).toISOString() : null, source };
  return { event: Object.assign(Object.create(null), facts), data: harmless(data, 0), record: harmless(record, 0) };
}

/** @returns A copy with only objects without prototype, as the context holds them. */
export function harmlessCopy(value: unknown): unknown {
  return harmless(value, 0);
}

/** Keys that some engine, somewhere, reads as more than data. They are dropped. */
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
  // A request that is nested deeper is refused before. This is the second lock.
  if (value === null || depth >= jsonDepthMax) return null;
  if (Array.isArray(value)) return value.map((item) => harmless(item, depth + 1));
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, item] of Object.entries(value)) {
    if (!isTrap(key)) copy[key] = typeof item === "string" ? item : harmless(item, depth + 1);
  }
  return copy;
}
