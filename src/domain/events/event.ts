import type { CrmRecord } from "../calls/call.ts";
import type { JsonValue } from "../json.ts";

/** A verified event before it is stored: split from its request, with its identity. */
export type NewEvent = {
  /**
   * A hash of (source, dedupe key) as a UUID. Any shard, and any spill, derives the same id for a redelivery without a
   * read.
   */
  readonly id: string;
  readonly source: string;
  readonly dedupeKey: string;
  /**
   * The event's id in earlier versions, also looked up for a while after an upgrade. Null: no other id. Absent: an
   * earlier version made this event, and its redelivery may have another id.
   */
  readonly former?: FormerEvent | null;
  readonly externalId: string | null;
  readonly type: string;
  readonly occurredAt: number | null;
  /** Shown raw, looked up normalized. */
  readonly orderNumber: string | null;
  readonly orderNumberKey: string | null;
  readonly record: CrmRecord | null;
  /** This one event's JSON text. */
  readonly body: string;
  /** SHA-256 of the body in hex, without its sender's retry counters. The same id with another hash is a conflict. */
  readonly bodyHash: string;
  /** A hash of type and body, unique as well, if the sender does not sign the id. Absent otherwise. */
  readonly bodyKey?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent for an event that needed no secret, and for one of an earlier version. */
  readonly verified?: VerifiedBy;
};

/**
 * Verification of an event's request. A copy of a source may be older than a confirmed change, so Postgres decides by
 * these values whether the event is accepted.
 */
export type VerifiedBy = {
  /** `null`: verified by a key that the sender publishes, not by a secret of the source. */
  readonly secretId: string | null;
  /** Version of the source's copy that verified it. */
  readonly sourceVersion: number;
};

/** An event's id by its former key. It is the same event if the type is equal and, with `sameBody`, the body's hash. */
type FormerEvent = { readonly id: string; readonly sameBody: boolean };

/** The inbox's answer for one event, once it is durable. */
export type Acceptance = {
  /** The event with these bytes: the one with their key, or a conflict of it. */
  readonly id: string;
  /** A duplicate: the same bytes were received before. */
  readonly duplicate: boolean;
  /**
   * A conflict: the key was received before with other bytes. The conflict is stored as a separate event that makes no
   * call.
   */
  readonly conflict: boolean;
  /** The key has the maximum number of conflicts. These bytes are not stored. */
  readonly refused?: true;
  /** The same bytes were received before under another id, so this event makes no call. */
  readonly replayed?: true;
  /**
   * Not stored: it was verified by an older copy of the source, and its secret no longer verifies or its source is
   * closed.
   */
  readonly leftOut?: true;
  /**
   * Stored, and ends with this reason: it was acknowledged from the spill, and afterwards its secret was retired or its
   * source closed.
   */
  readonly unfit?: UnfitReason;
};

/** Reasons for storing a spilled event without planning it. */
export type UnfitReason = "secret_retired" | "source_closed_before";

/** An event as the plan needs it. */
export type PlannableEvent = {
  readonly id: string;
  readonly source: string;
  readonly externalId: string | null;
  readonly type: string;
  readonly occurredAt: number | null;
  readonly receivedAt: number;
  readonly record: CrmRecord | null;
  /** The sender does not sign the id, so the same bytes make no second event. */
  readonly bodyOnce?: boolean;
  /** Records fetched from the CRM, `record` in conditions and texts. */
  readonly fetched?: JsonValue;
  /** Records that could not be fetched. */
  readonly unfetched?: readonly Unfetched[];
  readonly data: JsonValue;
};

/** One record that could not be fetched, with the last answer and the number of tries. */
export type Unfetched = {
  readonly fetch: string;
  /** `not_fetched`: only in a preview or a rehearsal, which send no requests. */
  readonly reason: "fetch_failed" | "record_missing" | "fetch_id_invalid" | "not_fetched";
  readonly status: number | null;
  /** Code of the failure, if there was no status. */
  readonly problem: string | null;
  /** The field that contains no plain id. */
  readonly path: string | null;
  readonly tries: number;
};

/** State of an event in planning. */
export type EventState = "unplanned" | "planned" | "ignored";

/** An event as Postgres returns it. */
export type StoredEvent = Omit<PlannableEvent, "data"> & { body: string };
