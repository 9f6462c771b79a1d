/** Reads a text that a person pastes to find something: an id of any kind, or a URL that contains one. */
import { normaliseOrderNumber } from "./events/order-number.ts";
import { sanitizeText } from "./json.ts";
import { parseNumber } from "./people/phone.ts";

/** Kinds of things that can be found, the most exact first. Results stand in this order. */
export const findKinds = [
  "call",
  "event",
  "conversation",
  "mihu_id",
  "order",
  "record",
  "sender_event",
  "number",
] as const;
export type FindKind = (typeof findKinds)[number];

/** The readings of a text. Null: the text cannot be an id of that kind. */
export type Sought = {
  /** Trimmed. Ids of other systems are compared as they are. */
  readonly text: string;
  /** An id of a call or an event, in lower case. */
  readonly uuid: string | null;
  /** Normal form of an order number, or its beginning. */
  readonly order: string | null;
  /** `type`: null finds records of any type. */
  readonly records: readonly { readonly type: string | null; readonly id: string }[];
  /** E.164. */
  readonly number: string | null;
};

const uuidForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** `order 987`, `ticket:987`, `deal #987`. */
const typedRecord = /^([^\s:/#]{1,64})(?:\s*:\s*|\s+)#?(\S(?:.*\S)?)$/su;
const urlForm = /^(?:https?:\/\/|\/[^/\s])/i;

/** Parameters of our own URLs that contain an id. */
const idParameters = ["order_number", "conversation", "number", "id", "q"] as const;

/**
 * @param pasted Any text.
 * @param country Country of phone numbers without a calling code; null: they are not read.
 */
export function readSought(pasted: string, country: string | null): Sought {
  // A URL may hold an encoded NUL, which Postgres rejects.
  const text = sanitizeText(idOf(pasted.trim()));
  const [, type = null, id = ""] = typedRecord.exec(text) ?? [];
  const bare = text.replace(/^#\s*/, "");
  const ids = bare === "" || bare === text ? [text] : [text, bare];
  const order = normaliseOrderNumber(type !== null && /^order$/i.test(type) ? id : text);
  const parsed = parseNumber(text, country);
  return {
    text,
    uuid: uuidForm.test(text) ? text.toLowerCase() : null,
    order: order === "" ? null : order,
    records: [...(type === null ? [] : [{ type, id }]), ...ids.map((one) => ({ type: null, id: one }))],
    number: parsed.ok ? parsed.e164 : null,
  };
}

/** @returns The id in a URL: one of its known parameters, or the last part of its path. Any other text stays as it is. */
function idOf(text: string): string {
  if (!urlForm.test(text)) return text;
  const url = URL.parse(text, "https://hookline.invalid");
  if (url === null) return text;
  const [type, record] = [url.searchParams.get("record_type"), url.searchParams.get("record_id")];
  if (record !== null) return (type === null ? record : `${type}:${record}`).trim();
  for (const name of idParameters) {
    const value = url.searchParams.get(name)?.trim();
    if (value) return value;
  }
  const last = url.pathname.split("/").findLast((part) => part !== "");
  return last === undefined ? text : decoded(last).trim();
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
