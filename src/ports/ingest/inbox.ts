/** What the way in needs: sources, the inbox and its store. Types only. */

import type { Line } from "../../domain/calls/line.ts";
import type { Acceptance, NewEvent, StoredEvent } from "../../domain/events/event.ts";
import type {
  HandshakeAnswer,
  PresetAnswer,
  ReadResult,
  RejectReason,
  VerifyResult,
  WebhookRequest,
} from "../../domain/events/webhook.ts";
import type { EventPlan } from "../../domain/plan/plan.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import type { LinePoke } from "../calling/line-objects.ts";
import type { FetchQueue } from "../planning/records.ts";
import type { SourceCopy } from "../source-copy.ts";
import type { KeptRequest } from "./rejections.ts";

/** What a commit of the inbox gives back. */
export type Committed = {
  acceptances: Acceptance[];
  /** Versions at the commit: a copy of the source, or of the lines, may be older. */
  sourceVersion: number;
  linesVersion: string;
  /** Postgres' time. */
  receivedAt: number;
};

/** Ends of events that are known before they are planned, by the event's id: from this version of their source, or (`null`) from any. */
export type Foresight = { readonly sourceVersion: number | null; readonly ends: ReadonlyMap<string, ReasonCode> };

/** An event that was acknowledged while Postgres was away, as its inbox kept it on its own disk. */
export type SpilledEvent = NewEvent & {
  /** Its place in the spill: they are drained in the order in which they came. */
  readonly seq: number;
  /** When it was acknowledged, as epoch milliseconds. */
  readonly receivedAt: number;
  /** What it takes of the spill. */
  readonly bytes: number;
};

/** The inbox's store: two hot statements, and what a crash and a Postgres that was away need. */
export type EventStore = {
  /**
   * Makes a batch durable. One statement, one round trip. Events whose end is foreseen end in it, if the source still has the
   * version that the foresight is for.
   */
  accept(source: string, events: NewEvent[], foresight?: Foresight): Promise<Committed>;
  /** The same for events of the spill, which keep their time and their order; nobody waits for it, so it may take longer. */
  drain(source: string, events: SpilledEvent[], foresight?: Foresight): Promise<Committed>;
  /** Asks Postgres whether it is there. Throws when it is not. */
  answers(): Promise<void>;
  /** Writes plans: the events' ends, their calls, verdicts and entries. One statement, one round trip. */
  plan(plans: EventPlan[]): Promise<LinePoke[]>;
  /** Whether a thrown value means that Postgres refuses what it was given, and will again. */
  refuses(error: unknown): boolean;
  /** Whether a thrown value means that Postgres is not there, or does not answer. */
  isAway(error: unknown): boolean;
  /** Whether a thrown value says nothing of what Postgres was given: it is away, or can do nothing of the kind now. */
  isNotNow(error: unknown): boolean;
  /** Events that a crash left without a plan, oldest first; none that waits for what it has fetched. */
  unplanned(source: string, limit: number): Promise<StoredEvent[]>;
} & FetchQueue;

/** Where the inbox learns about its source. */
export type SourceStore = {
  copy(slug: string): Promise<SourceCopy | null>;
  /** Keeps a secret that a sender handed over, with its entry. @returns false where the source has an active one, or is closed */
  capture(slug: string, secret: SealedSecret): Promise<boolean>;
  /** Every line, and the version of them all. */
  lines(): Promise<{ lines: Line[]; version: string }>;
};

/** A secret as it is kept. */
export type SealedSecret = { sealed: string; kid: string; fingerprint: string };

/** What a sender asks at its set-up. It carries no event. */
export type HandshakeAsked =
  | { kind: "answer"; answer: HandshakeAnswer }
  /** The sender's own key, to be kept before it is answered. */
  | { kind: "capture"; secret: SealedSecret; answer: HandshakeAnswer }
  | { kind: "refused"; reason: RejectReason; detail: string };

/** What became of a secret that a sender handed over. `taken`: the source has one, or is gone. */
export type Captured = "kept" | "taken" | "away";

/** The four families' verifier and the presets' readers. */
export type Webhooks = {
  /** `null`: the request is no handshake. */
  handshake(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<HandshakeAsked | null>;
  verify(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<VerifyResult>;
  /** The events of a verified request, whatever it is written in, with nothing left in them that is a credential. */
  read(source: SourceCopy, request: WebhookRequest, nowMs: number): Promise<ReadResult>;
  /** The headers that say something of the event; none that could carry a secret. */
  keptHeaders(source: SourceCopy, request: WebhookRequest): Record<string, string>;
  /** What is kept of a refused request: enough to judge it again, and no secret. */
  evidence(source: SourceCopy, request: WebhookRequest, reason: string): Promise<KeptRequest>;
  /** The 2xx that the sender insists on; `null`: Hookline's own 202. */
  answer(source: SourceCopy): PresetAnswer | null;
};

/** Where the inbox writes what it refused. */
export type RejectionStore = { write(source: string, rejections: Rejection[]): Promise<void> };

/** A refused request, as the operator will see it. */
export type Rejection = {
  id: string;
  at: number;
  code: RejectReason | "not_json" | "too_deep" | "empty" | string;
  detail: string;
  headers: string[];
  bodyBytes: number;
  /** What it takes to judge it again; a Worker of an older version does not say. */
  kept?: KeptRequest;
};

/** The events of a spill that wait for Postgres, as whoever drains it sees them. */
export type SpillQueue = {
  /** The oldest that wait, in their order: at least one, if there is one. */
  head(eventsMax: number, bytesMax: number): SpilledEvent[];
  /** Forgets events that Postgres has; they are those of a head, or neighbours of one. */
  remove(events: readonly SpilledEvent[]): void;
  /** Keeps an event and lets the others go before it. */
  setAside(event: SpilledEvent): void;
  /** Takes that back: it has its place in the order again. */
  putBack(event: SpilledEvent): void;
};

/** How much an inbox holds on its own disk. */
export type SpillSize = {
  events: number;
  bytes: number /** Epoch milliseconds; `null`: nothing waits. */;
  oldestAt: number | null;
};

/** How much waits in the inbox of a source's shard. */
export type SpillCount = SpillSize & { source: string; shard: number };

/** Directory of inboxes with spilled events. Postgres cannot list sources while it is down. */
export type SpillDirectory = {
  /** Reports a spill's size: when it begins, at each try to end it, and at its end. */
  note(count: SpillCount): Promise<void>;
};

/** The inbox as its callers see it. */
export type Inboxes = {
  /** `null`: no such source. Throws while neither Postgres nor a copy can tell. */
  describe(slug: string): Promise<SourceCopy | null>;
  accept(slug: string, events: NewEvent[], waitForPlan: boolean): Promise<AcceptAnswer>;
  reject(slug: string, rejection: Rejection): Promise<void>;
  /** Keeps a secret that a sender handed over; then the copy of its source has it. */
  capture(slug: string, secret: SealedSecret): Promise<Captured>;
  /** The source, its secrets or its rules changed. */
  refresh(slug: string): Promise<void>;
  /** There may be events without a plan. */
  poke(slug: string): Promise<void>;
  /** What waits for Postgres on the inboxes' own disks; those that hold nothing are left out. Asks nothing of Postgres. */
  spills(): Promise<SpillCount[]>;
};

export type AcceptAnswer =
  /** `spilled`: durable on the inbox's own disk; Postgres gets it later, and what is there already cannot be known yet. */
  | { ok: true; acceptances: Acceptance[]; spilled?: boolean }
  | { ok: false; reason: "away"; retryAfterSeconds: number }
  /** Postgres will not take this content, now or later. */
  | { ok: false; reason: "refused" };
