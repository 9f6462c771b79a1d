/** Rejected requests, as the inbox writes them. Types only. */
import type { bodiesKept } from "../../domain/events/rejection-body.ts";
import type { RejectReason } from "../../domain/events/webhook.ts";

/** Whether the body of a rejected request is stored, or why not. */
export type BodyKept = (typeof bodiesKept)[number];

/** Stored part of a rejected request, for judging it again. */
export type StoredRequest = {
  readonly method: string;
  /** URL that the sender was given. Values in its query and path that may be secret are replaced. */
  readonly url: string | null;
  /** Headers that the scheme reads, or that name an event. A header with a secret is never included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly bodyKept: BodyKept;
  /** Null if the scheme signs requests. */
  readonly presented: Presented | null;
};

/** Traces of a presented secret or token, which itself is never stored. */
export type Presented = {
  /** Keyed hashes of the presented secret. For basic auth, also of the password alone. */
  readonly fingerprints: readonly string[];
  /** Scheme of the Authorization header, if it is a common one. */
  readonly authorization: "bearer" | "basic" | "other" | "none";
  /** A token without its signature, so that it is useless to others. */
  readonly token: string | null;
};

/** Rejected requests that are only counted: a flood has more than can be stored. */
export type NotSent = { readonly refused: number; readonly failedSignatures: number };

/** Rejected requests of a source in one minute. */
export type RefusedMinute = {
  /** Start of the minute, in epoch milliseconds. */
  readonly at: number;
  readonly refused: number;
  readonly failedSignatures: number;
  /** Requests of which only the count is stored. */
  readonly notStored: number;
};

/** Store of rejected requests and their counts. */
export type RejectionStore = {
  write(source: string, rejections: Rejection[], minutes: readonly RefusedMinute[]): Promise<void>;
};

/** A rejected request, as shown to the operator. */
export type Rejection = {
  id: string;
  at: number;
  code: RejectReason | "not_json" | "too_deep" | "empty" | string;
  detail: string;
  headers: string[];
  bodyBytes: number;
  /** Evidence for another judgement. Absent from a Worker of an older version. */
  kept?: StoredRequest;
};
