/** Verification and reading of CRM webhooks. Types only. */
import type {
  HandshakeAnswer,
  NotNow,
  PresetAnswer,
  ReadResult,
  RejectReason,
  VerifyResult,
  WebhookRequest,
} from "../../domain/events/webhook.ts";
import type { SourceCopy } from "../source-copy.ts";
import type { StoredRequest } from "./rejections.ts";
import type { SealedSecret } from "./sources.ts";

/** A sender's handshake at setup. It carries no event. */
export type HandshakeAsked =
  | { kind: "answer"; answer: HandshakeAnswer }
  /** The sender's own key. It must be stored before the answer. */
  | { kind: "capture"; secret: SealedSecret; answer: HandshakeAnswer }
  | { kind: "refused"; reason: RejectReason; detail: string };

/** Verifiers of signatures and readers of presets. */
export type Webhooks = {
  /** Null if the request is not a handshake. */
  handshake(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<HandshakeAsked | null>;
  verify(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<VerifyResult>;
  /** Events of a verified request, in any format, with credentials removed. */
  read(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<ReadResult>;
  /** Headers that describe the event. A header that could carry a secret is never included. */
  storedHeaders(source: SourceCopy, request: WebhookRequest): Record<string, string>;
  /** Stored part of a rejected request: enough to judge it again, without any secret. */
  evidence(source: SourceCopy, request: WebhookRequest, reason: string): Promise<StoredRequest>;
  /** The 2xx answer that the sender requires; null for Hookline's own 202. */
  answer(source: SourceCopy): PresetAnswer | null;
  /** The status after which the sender retries later. */
  notNow(source: SourceCopy): NotNow;
};
