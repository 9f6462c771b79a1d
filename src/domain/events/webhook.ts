/** A webhook's request, and the results of the verifier and the reader. Types only. */
import type { JsonValue } from "../json.ts";

/** The 2xx response that a sender requires. */
export type PresetAnswer = { readonly status: number; readonly contentType: string; readonly body: string };

/** Status for "retry later". Some senders retry only after this one. */
export type NotNow = 429 | 503;

/** Response to a handshake, which a sender starts during its set-up. */
export type HandshakeAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A request as the verifier sees it. */
export type WebhookRequest = {
  readonly method: string;
  /**
   * The URL as registered with the sender: the configured public address with the request's path and query; null if it
   * is not configured.
   */
  readonly url: string | null;
  /** The `:key` of `/in/:source/:key`. */
  readonly key: string | null;
  /** By lower-case name. Repeated headers are joined by `", "`, as in `Headers` of fetch. */
  readonly headers: Readonly<Record<string, string>>;
  /** Repeated parameters are joined as headers are. */
  readonly query?: Readonly<Record<string, string>>;
  /** The query as written, including `?`; `""` if the request has no query. Absent if the query is that of `url`. */
  readonly search?: string;
  /** The bytes that arrived. */
  readonly body: Uint8Array;
};

/** Reasons for rejecting a request as not sent by the source's CRM. */
export type RejectReason =
  | "signature_missing"
  | "signature_doubled"
  | "signature_malformed"
  | "signature_wrong"
  | "timestamp_missing"
  | "timestamp_malformed"
  | "timestamp_outside_tolerance"
  | "secret_missing"
  | "secret_wrong"
  | "tenant_missing"
  | "tenant_mismatch"
  | "url_unknown"
  | "body_digest_wrong"
  | "token_malformed"
  | "token_expired"
  | "token_wrong"
  | "audience_wrong"
  | "public_secret"
  | "handshake_refused"
  | "no_secrets";

/**
 * `detail` is one sentence for the operator. It contains no secret, and nothing that an unverified request presented.
 */
export type Rejected = { readonly ok: false; readonly reason: RejectReason; readonly detail: string };

export type VerifyResult = { readonly ok: true; readonly secretId: string } | Rejected;

/**
 * A dedupe key by the sender's id alone. An event with it is the same if the type is equal and, with `sameBody`, the
 * body's hash.
 */
type FormerKey = { readonly key: string; readonly sameBody: boolean };

/** One event of a request. */
export type IncomingEvent = {
  /** The sender's own id, sanitized for display (no control characters, at most 200 characters). */
  readonly externalId: string | null;
  /**
   * Unique within the source: the sender's id, its hash if it is long or odd, or the body's hash without an id. The
   * preset may add further parts.
   */
  readonly dedupeKey: string;
  /** The key that earlier versions made for the same event, if it differs. */
  readonly formerKey?: FormerKey;
  readonly type: string;
  /** Epoch milliseconds, by the sender's clock. */
  readonly occurredAt: number | null;
  /** The sender wrote an unreadable time, or one out of range. */
  readonly timeIgnored?: true;
  readonly data: JsonValue;
  /** This one event's JSON text. */
  readonly body: string;
  /** SHA-256 of `body` without the sender's counters, in hex. */
  readonly bodyHash: string;
  /** The signature covers the body but not the event's id, so the same bytes can be replayed under any id. */
  readonly idUnsigned?: true;
  /** Period in which these bytes are one event under any id. Absent: for ever. */
  readonly replayWindow?: number;
  /** Set for an unreadable element of a batch. The other elements are still accepted. */
  readonly unreadable?: "not_an_object";
};

/** Reasons for rejecting a whole request with a valid signature. */
export type UnreadableReason =
  | "empty"
  | "not_json"
  | "not_xml"
  | "not_multipart"
  | "multipart_signed"
  | "encoding_unknown"
  | "encoding_broken"
  | "inflated_too_large"
  | "charset_unknown"
  | "too_deep"
  | "too_many_fields"
  | "not_an_object"
  | "batch_missing"
  | "too_many_events"
  | "split_too_large";

export type ReadResult =
  | { readonly ok: true; readonly events: readonly IncomingEvent[] }
  | { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };
