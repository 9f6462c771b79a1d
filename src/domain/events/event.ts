import type { CrmRecord } from "../calls/call.ts";
import type { JsonValue } from "../json.ts";

/** An event as it goes into the inbox: verified, split from its request, with its identity computed. */
export type NewEvent = {
  /** A hash of (source, dedupe key), as a UUID: any shard, and a spill, name a redelivery alike without a read. */
  readonly id: string;
  readonly source: string;
  readonly dedupeKey: string;
  /**
   * The event as earlier versions named it, looked up for a while after an upgrade. `null`: no other id. Absent: an earlier version made
   * this event, and its redelivery may have another id.
   */
  readonly former?: FormerEvent | null;
  readonly externalId: string | null;
  readonly type: string;
  readonly occurredAt: number | null;
  /** Shown raw, looked up normalised. */
  readonly orderNumber: string | null;
  readonly orderNumberKey: string | null;
  readonly record: CrmRecord | null;
  /** This one event's JSON text. */
  readonly body: string;
  /** SHA-256 of the body in hex, without its sender's counters of tries: the same id with other bytes is a conflict. */
  readonly bodyHash: string;
  /** A hash of the type and the body where the sender does not sign the id: unique as well. Absent where it signs it. */
  readonly bodyKey?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent from an event that no secret was needed for, and from one of an earlier version. */
  readonly verified?: VerifiedBy;
};

/**
 * How an event's request was verified. Copies of a source may be older than an answered change, so Postgres judges by this whether the
 * event is accepted.
 */
export type VerifiedBy = {
  /** `null`: by no secret of the source, but by a key that the sender publishes. */
  readonly secretId: string | null;
  /** Version of the copy of the source that verified it. */
  readonly sourceVersion: number;
};

/** The id of an event under its former key. It is the same event if the type is, and, with `sameBody`, the body's hash. */
type FormerEvent = { readonly id: string; readonly sameBody: boolean };

/** The inbox's answer for one event, once it is durable. */
export type Acceptance = {
  /** The event that has these bytes: that of their key, or a conflict of it. */
  readonly id: string;
  /** These bytes came before. */
  readonly duplicate: boolean;
  /** Other bytes came first under the same key. These are an event of their own, which makes no call. */
  readonly conflict: boolean;
  /** The key has as many conflicts as one may have. These bytes are not stored. */
  readonly refused?: true;
  /** Its bytes came before under another id, and nothing more will be made of it. */
  readonly replayed?: true;
  /**
   * It was verified by an older copy of the source, and its secret does not verify any more, or its source is closed. Nothing of it is
   * stored.
   */
  readonly leftOut?: true;
  /** It is stored and ends with this reason: it was acknowledged from the spill after its secret was retired, or its source closed. */
  readonly unfit?: UnfitReason;
};

/** Why an event of the spill is stored and never planned. */
export type UnfitReason = "secret_retired" | "source_closed_before";

/** An event as the plan sees it. */
export type PlannableEvent = {
  readonly id: string;
  readonly source: string;
  readonly externalId: string | null;
  readonly type: string;
  readonly occurredAt: number | null;
  readonly receivedAt: number;
  readonly record: CrmRecord | null;
  /** The same bytes make no second event, because the sender does not sign its id. */
  readonly bodyOnce?: boolean;
  /** Records fetched from the CRM: `record` in conditions and texts. */
  readonly fetched?: JsonValue;
  /** Records that could not be fetched. */
  readonly unfetched?: readonly Unfetched[];
  readonly data: JsonValue;
};

/** One record that could not be fetched, with the last answer and the number of tries. */
export type Unfetched = {
  readonly fetch: string;
  /** `not_fetched`: it was never requested, in a preview or a rehearsal only. */
  readonly reason: "fetch_failed" | "record_missing" | "fetch_id_invalid" | "not_fetched";
  readonly status: number | null;
  /** The failure, if there was no status. */
  readonly problem: string | null;
  /** The field that holds no plain id. */
  readonly path: string | null;
  readonly tries: number;
};

/** State of an event for the plan. */
export type EventState = "unplanned" | "planned" | "ignored";

/** An event as Postgres returns it. */
export type StoredEvent = Omit<PlannableEvent, "data"> & { body: string };
