/** Requests that were refused: what is kept of them, what is said of them, and what becomes of them. Types only. */
import type { bodiesKept } from "../../domain/events/rejection-body.ts";
import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { PersonAct } from "../people/decisions.ts";
import type { SourceCopy } from "../source-copy.ts";
import type { Rejection } from "./inbox.ts";

/** Whether a refused request's body is there, or why not. */
export type BodyKept = (typeof bodiesKept)[number];

/** What is kept of a refused request, to judge it again. */
export type KeptRequest = {
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

/** What is known of a secret or a token that was presented, and is kept nowhere. */
export type Presented = {
  /** Keyed hashes of what was presented; of basic auth also of the password alone. */
  readonly fingerprints: readonly string[];
  /** The first word of Authorization, where it is one that everybody uses. */
  readonly authorization: "bearer" | "basic" | "other" | "none";
  /** A token without its signature: nobody can use it. */
  readonly token: string | null;
};

/** A refused request as it is kept. */
export type KeptRejection = Rejection & {
  /** `null`: of an older version, which kept none. */
  readonly request: KeptRequest | null;
  /** Epoch milliseconds. */
  readonly acceptedAt: number | null;
  readonly acceptedEvents: readonly string[];
};

/** A secret that a source had. */
export type RetiredSecret = { readonly id: string; readonly sealed: string; readonly retiredAt: number };

/** What is written of a rejection whose request went in after all. */
export type AcceptedRejection = { readonly id: string; readonly events: readonly string[] };

export type KeptRejectionStore = {
  /** The newest of a source. */
  list(source: string): Promise<KeptRejection[]>;
  /** Notes what became of rejections, with an entry each, and forgets their requests. @returns those that were not noted before */
  accepted(source: string, rejections: readonly AcceptedRejection[], act: PersonAct): Promise<string[]>;
  /** The newest secrets that a source had. */
  retired(source: string): Promise<RetiredSecret[]>;
};

/** Why a request was not taken, as the door says it. */
export type RejectionCause = { readonly reason: string; readonly detail: string };

/** A refused request as whoever explains it sees it. */
export type RejectedRequest = RejectionCause & {
  readonly request: WebhookRequest;
  /** Names of all headers that came. */
  readonly headers: readonly string[];
  /** Whether nothing of the request is missing. */
  readonly isWhole: boolean;
  readonly presented: Presented | null;
  /** When it came, as epoch milliseconds. */
  readonly at: number;
};

/** What to change, and where. */
export type Advice = {
  /** One or two sentences; none of them holds a secret, or a signature that is right. */
  readonly advice: string;
  /** It is signed with a key that everybody knows: that key and nothing else is wrong with it. */
  readonly isPublicSecret: boolean;
  /** What was presented is a secret of the source now; nothing else of the request was kept. */
  readonly isRightNow: boolean;
};

/** Explains refusals. It asks nobody, and takes a bounded number of tries. */
export type Doctor = {
  /** @returns An advice for each, in their order. */
  advise(
    source: SourceCopy,
    retired: readonly RetiredSecret[],
    refused: readonly RejectedRequest[],
  ): Promise<readonly Advice[]>;
  /** A rejection as far as it was kept. */
  recall(source: SourceCopy, rejection: KeptRejection): RejectedRequest;
  /** The name of the scheme that the source expects. */
  schemeOf(source: SourceCopy): string;
};
