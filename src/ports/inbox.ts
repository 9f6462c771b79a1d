/** What the way in needs: sources, the inbox and its store. Types only. */
import type { Acceptance, NewEvent, PlannableEvent } from "../domain/event.ts";
import type { JsonValue } from "../domain/json.ts";
import type { Line } from "../domain/line.ts";
import type { EventPlan } from "../domain/plan.ts";
import type { ReasonCode } from "../domain/reasons.ts";
import type { RuleDefinition } from "../domain/rule.ts";
import type { PresetAnswer, ReadResult, RejectReason, VerifyResult, WebhookRequest } from "../domain/source.ts";
import type { LinePoke } from "./line.ts";

/** A source as its inbox keeps a copy of it: all that the door and the plan need while Postgres is away. */
export type SourceCopy = {
  slug: string;
  version: number;
  /** Inbox objects that share the source's events. */
  shards: number;
  preset: string;
  tenant: string | null;
  country: string | null;
  zone: string | null;
  settings: Record<string, unknown>;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  /** Sealed (JWE): opened only where a signature is checked. */
  secrets: { id: string; sealed: string }[];
  rules: { name: string; version: number; definition: RuleDefinition }[];
};

/** What a commit of the inbox gives back. */
export type Committed = {
  acceptances: Acceptance[];
  /** Versions at the commit: a copy of the source, or of the lines, may be older. */
  sourceVersion: number;
  linesVersion: string;
  /** Postgres' time. */
  receivedAt: number;
};

/** Ends of events that are known from a version of their source alone, by the event's id. */
export type Foresight = { readonly sourceVersion: number; readonly ends: ReadonlyMap<string, ReasonCode> };

/** The inbox's store: two hot statements and what a crash needs. */
export type EventStore = {
  /**
   * Makes a batch durable. One statement, one round trip. Events whose end is foreseen end in it, if the source still has the
   * version that the foresight is for.
   */
  accept(source: string, events: NewEvent[], foresight?: Foresight): Promise<Committed>;
  /** Writes plans: the events' ends, their calls, verdicts and entries. One statement, one round trip. */
  plan(plans: EventPlan[]): Promise<LinePoke[]>;
  /** Whether a thrown value means that Postgres refuses what it was given, and will again. */
  refuses(error: unknown): boolean;
  /** Events that a crash left without a plan, oldest first. */
  unplanned(source: string, limit: number): Promise<StoredEvent[]>;
};

/** An event as Postgres gives it back. */
export type StoredEvent = Omit<PlannableEvent, "data"> & { body: string };

/** Where the inbox learns about its source. */
export type SourceStore = {
  copy(slug: string): Promise<SourceCopy | null>;
  /** Every line, and the version of them all. */
  lines(): Promise<{ lines: Line[]; version: string }>;
};

/** The four families' verifier and the presets' readers. */
export type Webhooks = {
  verify(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<VerifyResult>;
  read(source: SourceCopy, request: WebhookRequest, json: JsonValue, text: string): Promise<ReadResult>;
  /** The headers that say something of the event; none that could carry a secret. */
  keptHeaders(source: SourceCopy, request: WebhookRequest): Record<string, string>;
  /** The 2xx that the sender insists on; `null`: Hookline's own 202. */
  answer(source: SourceCopy): PresetAnswer | null;
};

/** Where the inbox writes what it refused. */
export type RejectionStore = { write(source: string, rejections: Rejection[]): Promise<void> };

/** A refused request, as the operator will see it; nothing that could be used again. */
export type Rejection = {
  id: string;
  at: number;
  code: RejectReason | "not_json" | "too_deep" | "empty" | string;
  detail: string;
  headers: string[];
  bodyBytes: number;
};

/** The inbox as its callers see it. */
export type Inboxes = {
  /** `null`: no such source. Throws while neither Postgres nor a copy can tell. */
  describe(slug: string): Promise<SourceCopy | null>;
  accept(slug: string, events: NewEvent[], waitForPlan: boolean): Promise<AcceptAnswer>;
  reject(slug: string, rejection: Rejection): Promise<void>;
  /** The source, its secrets or its rules changed. */
  refresh(slug: string): Promise<void>;
  /** There may be events without a plan. */
  poke(slug: string): Promise<void>;
};

export type AcceptAnswer =
  | { ok: true; acceptances: Acceptance[] }
  | { ok: false; reason: "away"; retryAfterSeconds: number }
  /** Postgres will not take this content, now or later. */
  | { ok: false; reason: "refused" };
