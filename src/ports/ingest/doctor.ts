/** Explains why a request was refused. Types only. */
import type { WebhookRequest } from "../../domain/events/webhook.ts";
import type { SourceCopy } from "../source-copy.ts";
import type { Presented } from "./rejections.ts";
import type { RetiredSecret, StoredRejection } from "./stored-rejections.ts";

/** Why a request was not taken, as the door says it. */
type RejectionCause = { readonly reason: string; readonly detail: string };

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

/** An advice: the change to make, and its place. */
export type Advice = {
  /** One or two sentences; none of them holds a secret, or a signature that is right. */
  readonly advice: string;
  /** It is signed with a key that everybody knows: that key and nothing else is wrong with it. */
  readonly isPublicSecret: boolean;
  /** The presented text is a secret of the source now; nothing else of the request was kept. */
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
  recall(source: SourceCopy, rejection: StoredRejection): RejectedRequest;
  /** The name of the scheme that the source expects. */
  schemeOf(source: SourceCopy): string;
};
