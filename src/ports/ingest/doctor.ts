/** Explanations of rejected requests. Types only. */
import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { SourceCopy } from "../source-copy.ts";
import type { Presented } from "./rejections.ts";
import type { RetiredSecret, StoredRejection } from "./stored-rejections.ts";

/** The reason why a request was rejected, in the words of the answer. */
type RejectionCause = { readonly reason: string; readonly detail: string };

/** A rejected request, as the doctor gets it. */
export type RejectedRequest = RejectionCause & {
  readonly request: WebhookRequest;
  /** Names of all headers of the request. */
  readonly headers: readonly string[];
  /** Whether the stored request is complete. */
  readonly isWhole: boolean;
  readonly presented: Presented | null;
  /** Time of arrival, in epoch milliseconds. */
  readonly at: number;
};

/** A piece of advice: the change to make, and where. */
export type Advice = {
  /** One or two sentences without any secret or valid signature. */
  readonly advice: string;
  /** The request is signed with a published key, and is otherwise valid. */
  readonly isPublicSecret: boolean;
  /** The presented secret is a secret of the source now. Nothing else of the request was stored. */
  readonly isRightNow: boolean;
};

/** Explains rejections. It does no I/O, and its number of trials is bounded. */
export type Doctor = {
  /** @returns Advice for each, in the same order. */
  advise(
    source: SourceCopy,
    retired: readonly RetiredSecret[],
    refused: readonly RejectedRequest[],
  ): Promise<readonly Advice[]>;
  /** Restores a rejection from its stored part. */
  recall(source: SourceCopy, rejection: StoredRejection): RejectedRequest;
  /** Name of the scheme that the source expects. */
  schemeOf(source: SourceCopy): string;
};
