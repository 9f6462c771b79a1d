/** Refused requests, as the inbox writes them. Types only. */
import type { bodiesKept } from "../../domain/events/rejection-body.ts";
import type { RejectReason } from "../../domain/events/webhook.ts";

/** Whether a refused request's body is there, or why not. */
export type BodyKept = (typeof bodiesKept)[number];

/** The stored part of a refused request, to judge it again. */
export type StoredRequest = {
  readonly method: string;
  /** As the sender was told it; values of its query and path that may be secrets are replaced. */
  readonly url: string | null;
  /** Those with their values that the scheme reads, or that name an event. Never one that carries a secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly bodyKept: BodyKept;
  /** `null`: the scheme signs. */
  readonly presented: Presented | null;
};

/** Marks of a secret or a token that was presented, and is stored nowhere. */
export type Presented = {
  /** Keyed hashes of what was presented; of basic auth also of the password alone. */
  readonly fingerprints: readonly string[];
  /** The first word of Authorization, where it is one that everybody uses. */
  readonly authorization: "bearer" | "basic" | "other" | "none";
  /** A token without its signature: nobody can use it. */
  readonly token: string | null;
};

/** Refused requests that are counted and not sent: a flood has more than are stored. */
export type NotSent = { readonly refused: number; readonly failedSignatures: number };

/** Refused requests of a source in one minute. */
export type RefusedMinute = {
  /** The minute's beginning, as epoch milliseconds. */
  readonly at: number;
  readonly refused: number;
  readonly failedSignatures: number;
  /** Those of which nothing but their number is stored. */
  readonly notStored: number;
};

/** The store to which the inbox writes refused requests, and adds their numbers. */
export type RejectionStore = {
  write(source: string, rejections: Rejection[], minutes: readonly RefusedMinute[]): Promise<void>;
};

/** A refused request, as the operator will see it. */
export type Rejection = {
  id: string;
  at: number;
  code: RejectReason | "not_json" | "too_deep" | "empty" | string;
  detail: string;
  headers: string[];
  bodyBytes: number;
  /** The request, for another judgement; a Worker of an older version does not say. */
  kept?: StoredRequest;
};
