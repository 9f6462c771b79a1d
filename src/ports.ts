/**
 * What flows need from the world. Types only.
 *
 * Every `await` of a flow is one of these: a harness that wraps them can stop a flow at each step.
 */
import type { CallStatus, Outcome } from "./domain/call.ts";
import type { DecidedCall, DialTimes } from "./domain/decision.ts";
import type { DialEnd, PlaceAnswer } from "./domain/dial.ts";
import type { Acceptance, EventState, NewEvent, PlannableEvent } from "./domain/event.ts";
import type { JsonValue } from "./domain/json.ts";
import type { Line } from "./domain/line.ts";
import type { EventPlan } from "./domain/plan.ts";
import type { ReasonCode } from "./domain/reasons.ts";
import type { Adoption, Doubt, Found, FoundCall, OtherCall, UnknownCall } from "./domain/reconcile.ts";
import type { RuleDefinition } from "./domain/rule.ts";
import type { Report } from "./domain/settle.ts";
import type { PresetAnswer, ReadResult, RejectReason, VerifyResult, WebhookRequest } from "./domain/source.ts";

/** The time, as epoch milliseconds. */
export type Clock = { now(): number };

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

/** A line that has calls to place. */
export type LinePoke = { line: string; dueAt: number };

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

/** A call that a line has claimed and must now dial. */
export type ClaimedCall = {
  id: string;
  agent: string;
  number: string;
  about: string;
  prompt: string | null;
  promptOverwrite: boolean;
  greeting: string | null;
  claimSeq: number;
};

/** What one claim found. */
export type Claim = {
  /** The line's claim number now; another one than was given means that somebody else claimed meanwhile. */
  seq: number;
  missing: boolean;
  paused: boolean;
  calls: ClaimedCall[];
  /** When it is worth asking again, if nobody pokes before; `null` when nothing waits. */
  nextAt: number | null;
};

/** The end of one dial, for the claim that it belongs to. */
export type DialResult = { callId: string; claimSeq: number } & DialEnd;

/** A placed call whose outcome is not known yet. */
export type OpenCall = {
  id: string;
  line: string;
  conversationUuid: string | null;
  mihuId: string | null;
  placedAt: number;
  polls: number;
  try: number;
  source: string;
  rule: string;
  ruleVersion: number;
  /** Its end is known already; a late report may add a summary. */
  ended: boolean;
};

/** What became of a call. */
export type Settlement = {
  callId: string;
  outcome: Outcome;
  outcomeRaw: string | null;
  durationS: number | null;
  summary: string | null;
  recordingUrl: string | null;
  endedAt: number;
  /** A further try that the rule names, if the outcome asks for one. */
  again: { dueAt: number; closesAt: number | null; expiresAt: number | null } | null;
};

/** The line's store. */
export type CallStore = {
  claimSeq(line: string): Promise<number | null>;
  claim(line: string, seq: number, max: number): Promise<Claim>;
  record(line: string, results: DialResult[]): Promise<void>;
  /** Whether a thrown value means that Postgres refuses what it was given, and will again. */
  refuses(error: unknown): boolean;
  /** @returns whether it went on before. */
  pauseLine(line: string, reason: ReasonCode, detail: string, actor: string): Promise<boolean>;
  /** @returns whether it was paused, and may go on. Only a person ends a person's pause. */
  resumeLine(line: string, actor: string, byPerson: boolean): Promise<boolean>;
  /** Why a line is paused; `null` when it goes on, or is not there. */
  pauseOf(line: string): Promise<{ agent: string; reason: string } | null>;
  /** Mihu asked the whole line to wait. */
  holdLine(line: string, waitMs: number): Promise<void>;
  line(slug: string): Promise<Line | null>;
  /** Waiting calls whose calling hours are over: to be given their next. */
  windowsPassed(line: string, limit: number): Promise<{ id: string; zones: string[] }[]>;
  /** `window` is null for a call that will never be in calling hours: it ends. */
  rewindow(
    line: string,
    windows: { id: string; window: { dueAt: number; closesAt: number | null } | null }[],
  ): Promise<void>;
  openByConversation(line: string, conversationUuid: string): Promise<OpenCall[]>;
  openToPoll(line: string, limit: number): Promise<OpenCall[]>;
  settle(settlements: Settlement[], actor: string): Promise<LinePoke[]>;
  pollLater(polls: { callId: string; waitMs: number }[]): Promise<void>;
  /** Calls in status `unknown` whose look is due, the longest due first. */
  openUnknown(line: string, limit: number): Promise<UnknownCall[]>;
  /** Other calls of ours that have, or may have, one of these. */
  othersOf(call: UnknownCall, found: readonly FoundCall[]): Promise<OtherCall[]>;
  /** `unknown` → `placed`. @returns `false` when the call has left `unknown`, or another has taken what was found. */
  adopt(callId: string, adoption: Adoption, actor: string): Promise<boolean>;
  /** `unknown` → `review`. @returns `false` when the call has left `unknown`. */
  toReview(callId: string, doubt: Doubt, actor: string): Promise<boolean>;
  /** `read`: Mihu's list could be read, so the look counts. */
  lookLater(callId: string, look: { read: boolean; waitMs: number }, actor: string): Promise<void>;
  /** The rule that made a call, as it was then. */
  ruleOf(call: OpenCall): Promise<{ definition: RuleDefinition; zones: string[]; line: Line } | null>;
};

/** Who decides about a call, and why. */
export type PersonAct = { actor: string; reason: string | null };

/** What people decide about calls. Each is guarded by the status that it may be decided from: `"moved"`, `false`: somebody was first. */
export type PersonStore = {
  call(id: string): Promise<DecidedCall | null>;
  /** `queued`, `held` → `canceled`. */
  cancel(id: string, act: PersonAct): Promise<boolean>;
  /** `held` → `queued`. @param turn what it takes of its rule's `once_per` */
  release(
    id: string,
    times: DialTimes,
    turn: { key: string; until: number } | null,
    act: PersonAct,
  ): Promise<"released" | "moved" | "suppressed" | "once_per">;
  /** `review` → `placed`. `"taken"`: another call has this conversation. */
  rang(id: string, conversationUuid: string | null, actor: string): Promise<"placed" | "moved" | "taken">;
  /** `review` → `canceled`. */
  close(id: string, act: PersonAct): Promise<boolean>;
  /** A further try of a call whose end is known (`again`), or that leaves `review` by it (`resolve`). */
  again(
    id: string,
    decision: "again" | "resolve",
    times: DialTimes,
    act: PersonAct,
  ): Promise<{ callId: string; duplicate: boolean } | "moved" | "suppressed">;
};

/** The sweep's store. */
export type SweepStore = {
  /** Calls whose lease ran out become `unknown`; calls that are too late become `expired`. */
  expire(): Promise<{ leases: number; late: number }>;
  /** Who has work that nobody may have told them of. */
  waiting(): Promise<{ lines: string[]; sources: string[]; paused: { line: string; agent: string; reason: string }[] }>;
};

/** The voice API. */
export type Voice = {
  place(call: ClaimedCall): Promise<PlaceAnswer>;
  /** `null`: it cannot be read now, or there is no such conversation. */
  conversation(uuid: string): Promise<Report[] | null>;
  /**
   * The calls that Mihu has between an agent and a number, of which one may have begun around this time (epoch milliseconds).
   * `null`: they cannot be read now.
   */
  find(agent: string, number: string, aroundMs: number): Promise<Found | null>;
  /** A harmless question with the same token; `true` when the cause of a pause is gone. */
  probe(agent: string): Promise<boolean>;
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

/** A line as Mihu's outcome webhooks find it. */
export type WebhookLine = { slug: string; sealedSecret: string | null; settings: Record<string, unknown> | null };

/** Mihu's outcome webhooks: who they are for, whether they are Mihu's, and what they are about. */
export type OutcomeWebhooks = {
  lineOf(keyHash: string): Promise<WebhookLine | null>;
  verify(
    line: WebhookLine,
    request: { headers: Readonly<Record<string, string>>; body: Uint8Array },
  ): Promise<{ ok: true } | { ok: false; reason: string }>;
  read(text: string): { ok: true; conversationUuids: string[] } | { ok: false; reason: string };
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

/** The lines' objects. */
export type LineObjects = {
  /** There may be something to dial, or the line was changed. */
  poke(line: string): Promise<void>;
  /** Mihu has news of a conversation. */
  news(line: string, conversationUuids: string[]): Promise<void>;
};

/** Hashes and fresh ids. */
export type Identity = {
  /** The event's id: SHA-256 of (source, dedupe key) as a UUID of version 8 (RFC 9562, section 5.8). */
  eventId(source: string, dedupeKey: string): string;
  sha256Hex(text: string): string;
  randomId(): string;
};

export type { PlaceAnswer, Report as ConversationReport };

// ---------------------------------------------------------------------------------------------------------------------
// The API's stores: look-ups, configuration, tokens, sessions. Moments are epoch milliseconds.
// ---------------------------------------------------------------------------------------------------------------------

/** A key of a set as configuration holds it: the first of a set is active, the others are still accepted. */
export type SecretKey = { readonly kid: string /** 32 random bytes, base64url. */; readonly k: string };

/** A stored call. */
export type CallRow = {
  id: string;
  try: number;
  againOf: string | null;
  status: CallStatus;
  outcome: Outcome | null;
  outcomeRaw: string | null;
  reason: string | null;
  detail: Record<string, unknown> | null;
  source: string;
  rule: string;
  ruleVersion: number;
  eventId: string;
  mode: string;
  line: string | null;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  number: string | null;
  about: string | null;
  prompt: string | null;
  promptOverwrite: boolean;
  greeting: string | null;
  zones: string[] | null;
  conversationUuid: string | null;
  contactUuid: string | null;
  mihuId: string | null;
  listenUrl: string | null;
  recordUrl: string | null;
  recordingUrl: string | null;
  createdAt: number;
  dueAt: number | null;
  closesAt: number | null;
  expiresAt: number | null;
  claimedAt: number | null;
  placedAt: number | null;
  endedAt: number | null;
  durationS: number | null;
  summary: string | null;
};

/** A stored event. The body comes only where one event is asked for. */
export type EventRow = {
  id: string;
  source: string;
  externalId: string | null;
  type: string;
  occurredAt: number | null;
  receivedAt: number;
  plannedAt: number | null;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  state: EventState;
  reason: string | null;
  detail: Record<string, unknown> | null;
  conflicts: number;
};

export type EntryRow = {
  id: number;
  at: number;
  subject: string;
  subjectId: string;
  action: string;
  actor: string;
  reason: string | null;
  data: Record<string, unknown>;
};
export type VerdictRow = { at: number; gate: string; verdict: "pass" | "stop"; inputs: Record<string, unknown> };

/** What an entry says, given with the change that it tells of. */
export type EntryDraft = Omit<EntryRow, "id" | "at">;

/** Where a page of results ended: the exact moment (Postgres' microseconds, ISO 8601) and the id of its last row. */
export type Cursor = { readonly at: string; readonly id: string };
/** `next` is null on the last page. */
export type Results<T> = { rows: T[]; next: Cursor | null };

export type CallFilter = {
  readonly orderNumberKey?: string | undefined;
  readonly recordType?: string | undefined;
  readonly recordId?: string | undefined;
  readonly number?: string | undefined;
  readonly conversation?: string | undefined;
  readonly status?: CallStatus | undefined;
  readonly source?: string | undefined;
  readonly rule?: string | undefined;
  readonly line?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};
export type EventFilter = {
  readonly source?: string | undefined;
  readonly orderNumberKey?: string | undefined;
  readonly state?: EventState | undefined;
};

/** Counts of the books, and the events that break them. */
export type Balance = {
  events: { accepted: number; spilled: number; unplanned: number; ignored: number; planned: number };
  calls: Record<string, number>;
  /** Planned events that have no call: a few ids of them. */
  gaps: string[];
};

/** What the service needs to be able to work. */
export type Readiness = {
  missingMigrations: string[];
  pausedLines: { line: string; reason: string; detail: string | null; since: number }[];
};

export type LookupStore = {
  calls(filter: CallFilter, limit: number, after: Cursor | null): Promise<Results<CallRow>>;
  call(id: string): Promise<CallRow | null>;
  /** All that is written of a call and of its event, oldest first. */
  timeline(callId: string, eventId: string): Promise<{ entries: EntryRow[]; verdicts: VerdictRow[] }>;
  /** The calls of one conversation, oldest first. */
  conversation(uuid: string): Promise<string[]>;
  events(filter: EventFilter, limit: number, after: Cursor | null): Promise<Results<EventRow>>;
  event(id: string): Promise<(EventRow & { body: string; headers: Record<string, string> }) | null>;
  callsOfEvent(id: string): Promise<CallRow[]>;
  rejections(source: string): Promise<Rejection[]>;
  balance(): Promise<Balance>;
  readiness(): Promise<Readiness>;
  /** Notes who read what is masked for others. */
  noteRead(entry: EntryDraft): Promise<void>;
};

/** Calling hours as people write them. */
export type HoursDefinition = { days: string; from: string; to: string; closed?: string[] | undefined };

/** A line as it is configured. */
export type LineSettings = {
  slug: string;
  agent: string;
  callsPerMinute: number;
  callsAtOnce: number;
  callsPerDay: number;
  countries: string[] | null;
  hours: HoursDefinition | null;
};
export type StoredLine = LineSettings & {
  pausedAt: number | null;
  pauseReason: string | null;
  pauseDetail: string | null;
  notBefore: number | null;
  hasWebhook: boolean;
  /** Calls that it has claimed since midnight UTC; `callsPerDay` caps them. */
  callsToday: number;
  createdAt: number;
  updatedAt: number;
};

/** A source as it is configured, but for its secrets and rules. */
export type SourceSettings = {
  slug: string;
  preset: string;
  tenant: string | null;
  country: string | null;
  zone: string | null;
  settings: Record<string, unknown>;
  orderNumber: string | null;
  recordType: string | null;
  recordId: string | null;
  /** Inbox objects that share the source's events. */
  shards: number;
};
export type StoredSecret = { id: string; env: string | null; fingerprint: string; kid: string; createdAt: number };
export type StoredRule = {
  source: string;
  name: string;
  version: number;
  position: number;
  definition: RuleDefinition;
  createdAt: number;
  createdBy: string;
};
export type StoredSource = SourceSettings & {
  version: number;
  createdAt: number;
  updatedAt: number;
  secrets: StoredSecret[];
  rules: StoredRule[];
};
/** All of the configuration: the built-in source `api` is no part of it. */
export type StoredConfig = { lines: StoredLine[]; sources: StoredSource[] };

/** One change of the configuration. Each is stored with its entry. */
export type ConfigWrite =
  /** New hours hold for calls that wait already: each is given its window anew. */
  | { do: "save_line"; line: LineSettings; created: boolean; hoursChanged: boolean }
  | { do: "remove_line"; slug: string }
  | { do: "save_source"; source: SourceSettings; created: boolean }
  | { do: "add_secret"; source: string; env: string | null; sealed: string; kid: string; fingerprint: string }
  | { do: "name_secret"; source: string; id: string; env: string | null }
  | { do: "retire_secret"; source: string; id: string }
  | { do: "save_rule"; source: string; name: string; position: number; definition: RuleDefinition }
  | { do: "move_rule"; source: string; name: string; position: number }
  | { do: "remove_rule"; source: string; name: string };

export type ConfigStore = {
  read(): Promise<StoredConfig>;
  /**
   * Reads the configuration, lets `decide` say what is to be written, and writes it: one transaction, one such change at a time.
   */
  change<T>(actor: string, decide: (stored: StoredConfig) => { writes: ConfigWrite[]; answer: T }): Promise<T>;
  /** A line's new key and secret for Mihu's webhooks. `false`: there is no such line. */
  setWebhook(line: string, webhook: { keyHash: string; sealedSecret: string }, actor: string): Promise<boolean>;
  suppressions(): Promise<SuppressionRow[]>;
  /** Also cancels what waits for the number, and says how many calls that were. `subjectId` names the number in entries. */
  suppress(row: Omit<SuppressionRow, "createdAt">, subjectId: string): Promise<{ canceled: number }>;
  /** `false`: it was not suppressed. */
  release(number: string, subjectId: string, actor: string): Promise<boolean>;
};
export type SuppressionRow = {
  number: string;
  reason: string;
  until: number | null;
  createdAt: number;
  createdBy: string;
};

export type TokenRow = {
  jti: string;
  name: string;
  scopes: string[];
  createdAt: number;
  createdBy: string | null;
  expiresAt: number;
  revokedAt: number | null;
};
export type TokenStore = {
  /** `null`: no such token was ever made. */
  find(jti: string): Promise<TokenRow | null>;
  list(): Promise<TokenRow[]>;
  add(token: { jti: string; name: string; scopes: string[]; expiresAt: number }, actor: string): Promise<void>;
  /** Ends its sessions as well. `false`: there is none that could be revoked. */
  revoke(jti: string, actor: string): Promise<boolean>;
};

/** A person's sign-in. Found only while it and its token are valid. */
export type SessionRow = { jti: string; name: string; scopes: string[]; expiresAt: number };
export type SessionStore = {
  begin(session: { hash: string; jti: string; expiresAt: number }): Promise<void>;
  find(hash: string): Promise<SessionRow | null>;
  end(hash: string): Promise<void>;
};
