/** A webhook's request, the verifier's answer and the reader's. Types only. */
import type { JsonValue } from "../json.ts";

/** The 2xx that a sender insists on. */
export type PresetAnswer = { readonly status: number; readonly contentType: string; readonly body: string };

/** "Not now, send it again": some senders send again after the one status only. */
export type NotNow = 429 | 503;

/** The answer to a question that a sender asks at its set-up. */
export type HandshakeAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A request as the verifier sees it. */
export type WebhookRequest = {
  readonly method: string;
  /** The URL as registered with the sender: the configured public address with the request's path and query. `null`: not configured. */
  readonly url: string | null;
  /** The `:key` of `/in/:source/:key`. */
  readonly key: string | null;
  /** By lower-case name. A header that came twice is joined by `", "`, as `Headers` of fetch does it. */
  readonly headers: Readonly<Record<string, string>>;
  /** A parameter that came twice is joined as a header is. */
  readonly query?: Readonly<Record<string, string>>;
  /** The query as it was written, `?` included; `""`: none. Absent: the URL's. */
  readonly search?: string;
  /** The bytes that arrived. */
  readonly body: Uint8Array;
};

/** Reasons to refuse a request as not sent by the source's CRM. */
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

/** `detail` is one sentence for the operator. It holds no secret, and nothing of what a stranger presented. */
export type Rejected = { readonly ok: false; readonly reason: RejectReason; readonly detail: string };

export type VerifyResult = { readonly ok: true; readonly secretId: string } | Rejected;

/** A dedupe key by the sender's id alone. An event under it is the same one if the type is, and, with `sameBody`, the body's hash. */
type FormerKey = { readonly key: string; readonly sameBody: boolean };

/** One event as a request carried it. */
export type IncomingEvent = {
  /** The sender's own id, made fit to show (no control characters, at most 200 characters). */
  readonly externalId: string | null;
  /**
   * Unique within the source: the sender's id, a hash of it if it is long or odd, or a hash of the body if there is none. With the id
   * stands what else its preset makes the key of.
   */
  readonly dedupeKey: string;
  /** The key that earlier versions made of the same event, if it is another one. */
  readonly formerKey?: FormerKey;
  readonly type: string;
  /** Epoch milliseconds, by the sender's clock. */
  readonly occurredAt: number | null;
  /** The sender wrote a time that is none, or is out of range. */
  readonly timeIgnored?: true;
  readonly data: JsonValue;
  /** This one event's JSON text. */
  readonly body: string;
  /** SHA-256 of `body` without the sender's counters, in hex. */
  readonly bodyHash: string;
  /** The signature covers the body and not the event's id: the same bytes can be sent under any other id. */
  readonly idUnsigned?: true;
  /** The period within which these bytes are one event under any id. Absent: for ever. */
  readonly replayWindow?: number;
  /** Set for an element of a batch that cannot be read. The other elements are still accepted. */
  readonly unreadable?: "not_an_object";
};

/** Reasons to refuse a whole request whose signature is valid. */
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
