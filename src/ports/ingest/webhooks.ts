/** Verifies webhooks of CRMs and reads their events. Types only. */
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

/** A question that a sender asks at its set-up. It carries no event. */
export type HandshakeAsked =
  | { kind: "answer"; answer: HandshakeAnswer }
  /** The sender's own key, to be kept before it is answered. */
  | { kind: "capture"; secret: SealedSecret; answer: HandshakeAnswer }
  | { kind: "refused"; reason: RejectReason; detail: string };

/** The signature families' verifier and the presets' readers. */
export type Webhooks = {
  /** `null`: the request is no handshake. */
  handshake(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<HandshakeAsked | null>;
  verify(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<VerifyResult>;
  /** The events of a verified request, whatever it is written in, with nothing left in them that is a credential. */
  read(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<ReadResult>;
  /** The headers that say something of the event; none that could carry a secret. */
  storedHeaders(source: SourceCopy, request: WebhookRequest): Record<string, string>;
  /** The stored part of a refused request: enough to judge it again, and no secret. */
  evidence(source: SourceCopy, request: WebhookRequest, reason: string): Promise<StoredRequest>;
  /** The 2xx that the sender insists on; `null`: Hookline's own 202. */
  answer(source: SourceCopy): PresetAnswer | null;
  /** The status after which the sender sends again what cannot be kept now. */
  notNow(source: SourceCopy): NotNow;
};
