/**
 * What is stored, and what Postgres refuses whatever the code does.
 *
 * Closed sets are CHECKed against the sets of `domain/`; open sets (preset names, event types) are text, so that a new CRM
 * needs no migration. Nothing here is newer than Postgres 17.
 */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { callStatuses, erasable, outcomes } from "../../domain/calls/call.ts";
import { bodiesKept } from "../../domain/events/rejection-body.ts";
import { shardsMax } from "../../domain/limits.ts";

const time = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });
const xid8 = customType<{ data: string }>({ dataType: () => "xid8" });
const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });
const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(", "));

export const sources = pgTable(
  "sources",
  {
    slug: text().primaryKey(),
    preset: text().notNull(),
    tenant: text(),
    country: text(),
    zone: text(),
    settings: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    orderNumber: text("order_number"),
    recordType: text("record_type"),
    recordId: text("record_id"),
    /** Inbox objects that share the source's events: one takes some hundreds of requests a second. */
    shards: integer().notNull().default(1),
    /** What its rules have fetched that say nothing of it. */
    fetch: jsonb().$type<string[]>(),
    /** The sender's API, as far as the preset leaves it open; the credential is a row of its own. */
    api: jsonb().$type<Record<string, unknown>>(),
    /** Why nothing can be fetched, and since when. */
    fetchProblem: text("fetch_problem"),
    fetchProblemAt: time("fetch_problem_at"),
    /** Nothing is fetched before: the sender asked for it (429), or refuses the credential. */
    fetchNotBefore: time("fetch_not_before"),
    /** Its door is closed; its events and calls stay. */
    disconnectedAt: time("disconnected_at"),
    /** Its door is open, and what comes is kept without a plan until it goes on. */
    pausedAt: time("paused_at"),
    /** In the words of whoever paused it. */
    pauseDetail: text("pause_detail"),
    /** When it last went on: what waited until then is late, and no gap of the books. */
    resumedAt: time("resumed_at"),
    /** Raised by every change of the source, its secrets or its rules: copies of it know when they are old. */
    version: bigint({ mode: "number" }).notNull().default(1),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    check("sources_shards", sql`${t.shards} between 1 and ${sql.raw(String(shardsMax))}`),
    check("sources_paused_has_detail", sql`(${t.pausedAt} is null) = (${t.pauseDetail} is null)`),
    // Every plan asks it; next to always it is empty.
    index("sources_paused").on(t.slug).where(sql`${t.pausedAt} is not null`),
    check(
      "sources_fetch_problem",
      sql`${t.fetchProblem} in ('credential_refused', 'credential_missing', 'credential_unreadable')`,
    ),
    check("sources_fetch_problem_at", sql`(${t.fetchProblem} is null) = (${t.fetchProblemAt} is null)`),
    index("sources_in_fetch_problem").on(t.slug).where(sql`${t.fetchProblem} is not null`),
  ],
);

export const secrets = pgTable(
  "secrets",
  {
    id: uuid().primaryKey().defaultRandom(),
    source: text()
      .notNull()
      .references(() => sources.slug),
    /** The environment variable it was applied from, so that an export can name it. */
    env: text(),
    /** JWE, compact. */
    sealed: text().notNull(),
    kid: text().notNull(),
    /** Keyed hash of the value: tells "the same secret again" without opening it. */
    fingerprint: text().notNull(),
    createdAt: time("created_at").notNull().defaultNow(),
    /** From then on it verifies nothing more: another has taken its place. The sweep retires it. */
    expiresAt: time("expires_at"),
    /** Its sender handed it over when it was set up: nobody of ours has typed it in. */
    captured: boolean().notNull().default(false),
    retiredAt: time("retired_at"),
  },
  (t) => [
    uniqueIndex("secrets_once_active").on(t.source, t.fingerprint).where(sql`${t.retiredAt} is null`),
    index("secrets_ending").on(t.expiresAt).where(sql`${t.expiresAt} is not null and ${t.retiredAt} is null`),
  ],
);

/** What a sender's API wants to see of us: one a source. It is shown to the address that it was given for, and to no other. */
export const credentials = pgTable("credentials", {
  source: text()
    .primaryKey()
    .references(() => sources.slug),
  /** Of this value: another one has another. */
  id: uuid().notNull().defaultRandom(),
  /** The environment variable it was applied from, so that an export can name it. */
  env: text(),
  /** JWE, compact. */
  sealed: text().notNull(),
  kid: text().notNull(),
  /** Keyed hash of the value: tells "the same again" without opening it. */
  fingerprint: text().notNull(),
  baseUrl: text("base_url").notNull(),
  createdAt: time("created_at").notNull().defaultNow(),
});

export const rules = pgTable(
  "rules",
  {
    id: uuid().primaryKey().defaultRandom(),
    source: text()
      .notNull()
      .references(() => sources.slug),
    name: text().notNull(),
    version: integer().notNull(),
    position: integer().notNull(),
    definition: jsonb().$type<Record<string, unknown>>().notNull(),
    /** The version that decides now; none once the rule is removed. */
    current: boolean().notNull(),
    createdAt: time("created_at").notNull().defaultNow(),
    createdBy: text("created_by").notNull(),
  },
  (t) => [
    unique("rules_each_version_once").on(t.source, t.name, t.version),
    uniqueIndex("rules_one_current").on(t.source, t.name).where(sql`${t.current}`),
  ],
);

export const lines = pgTable(
  "lines",
  {
    slug: text().primaryKey(),
    agent: text().notNull(),
    callsPerMinute: integer("calls_per_minute").notNull(),
    callsAtOnce: integer("calls_at_once").notNull(),
    callsPerDay: integer("calls_per_day").notNull(),
    countries: text().array(),
    hours: jsonb().$type<Record<string, unknown>>(),
    /** Raised by every change of the line's settings. */
    version: bigint({ mode: "number" }).notNull().default(1),
    /** Counts claims: a claim names the number that it knows, so two instances of a line's object cannot both claim. */
    claimSeq: bigint("claim_seq", { mode: "number" }).notNull().default(0),
    day: text(),
    dayCalls: integer("day_calls").notNull().default(0),
    /** The last day that was full, and until when waiting calls were due that have been told so. */
    dayTold: text("day_told"),
    dayToldUntil: time("day_told_until"),
    pausedAt: time("paused_at"),
    pauseReason: text("pause_reason"),
    pauseDetail: text("pause_detail"),
    /** Where the line's object stood when Postgres was found behind it: the number that a resume goes on from. */
    pauseClaimSeq: bigint("pause_claim_seq", { mode: "number" }),
    /** Nothing is dialled before: Mihu asked for it (429). */
    notBefore: time("not_before"),
    /** Mihu's outcome webhooks come to a URL with this key; hashed, because a URL ends in logs. */
    webhookKeyHash: text("webhook_key_hash"),
    webhookSecret: text("webhook_secret"),
    webhookSettings: jsonb("webhook_settings").$type<Record<string, unknown>>(),
    /** Another key and secret, on their way to Mihu: both are believed until Mihu has taken them. */
    webhookNextKeyHash: text("webhook_next_key_hash"),
    webhookNextSecret: text("webhook_next_secret"),
    /** Since when the line has this agent: what was placed before was placed by another. */
    agentSince: time("agent_since"),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    check("lines_pace", sql`${t.callsPerMinute} > 0 and ${t.callsAtOnce} > 0 and ${t.callsPerDay} >= 0`),
    check("lines_paused_has_reason", sql`(${t.pausedAt} is null) = (${t.pauseReason} is null)`),
    uniqueIndex("lines_webhook_key").on(t.webhookKeyHash),
  ],
);

export const events = pgTable(
  "events",
  {
    id: uuid().primaryKey(),
    source: text()
      .notNull()
      .references(() => sources.slug),
    dedupeKey: text("dedupe_key").notNull(),
    externalId: text("external_id"),
    type: text().notNull(),
    occurredAt: time("occurred_at"),
    receivedAt: time("received_at").notNull().defaultNow(),
    /** Its place among the events of one commit, which share their time: they are planned in the order in which they came. */
    nth: integer().notNull().default(0),
    orderNumber: text("order_number"),
    orderNumberKey: text("order_number_key"),
    recordType: text("record_type"),
    recordId: text("record_id"),
    headers: jsonb().$type<Record<string, string>>().notNull(),
    body: text().notNull(),
    bodyHash: text("body_hash").notNull(),
    /**
     * A hash of the type and the bytes, where the sender signs the bytes and not the event's id: the same bytes under another id are
     * no other event.
     */
    bodyKey: uuid("body_key"),
    /** Redeliveries that carried other bytes under the same id. */
    conflicts: integer().notNull().default(0),
    /** The last of them. */
    conflictAt: time("conflict_at"),
    state: text().notNull().default("unplanned"),
    reason: text(),
    detail: jsonb().$type<Record<string, unknown>>(),
    plannedAt: time("planned_at"),
    /** Since it is known that something has to be fetched for it: when that is tried next. */
    fetchAt: time("fetch_at"),
    fetchTries: integer("fetch_tries").notNull().default(0),
    /** What was fetched, as JSON: what conditions and texts know as `record`. */
    fetched: text(),
    /** How often a replay has made calls of it: of two replays at once, one finds another number than it has read. */
    replays: integer().notNull().default(0),
    /** Since when its body, its headers and whatever could be guessed back from a hash are gone. */
    erasedAt: time("erased_at"),
  },
  // Each index is written once per event and costs an eighth more log; those that only list rows are kept to what people ask for.
  (t) => [
    unique("events_once").on(t.source, t.dedupeKey),
    uniqueIndex("events_body_once").on(t.bodyKey).where(sql`${t.bodyKey} is not null`),
    index("events_in_conflict").on(t.conflictAt.desc(), t.id.desc()).where(sql`${t.conflictAt} is not null`),
    index("events_newest").on(t.receivedAt.desc(), t.id.desc()),
    // "Did anything arrive from this source?" is asked of sources that have sent nothing yet: without it that reads every event.
    index("events_by_source").on(t.source, t.receivedAt.desc(), t.id.desc()),
    index("events_by_order").on(t.orderNumberKey, t.receivedAt.desc(), t.id.desc()),
    index("events_by_record").on(t.recordType, t.recordId, t.receivedAt.desc()),
    index("events_unplanned").on(t.source, t.receivedAt).where(sql`${t.state} = 'unplanned'`),
    index("events_to_fetch").on(t.source, t.fetchAt).where(sql`${t.state} = 'unplanned' and ${t.fetchAt} is not null`),
    check("events_state", sql`${t.state} in ('unplanned', 'planned', 'ignored')`),
    check("events_ignored_has_reason", sql`(${t.state} = 'ignored') = (${t.reason} is not null)`),
    check("events_planned_at", sql`(${t.state} = 'unplanned') = (${t.plannedAt} is null)`),
    check(
      "events_erased",
      sql`${t.erasedAt} is null or (${t.state} <> 'unplanned' and ${t.body} = '{}' and ${t.bodyHash} = '' and ${t.bodyKey} is null and ${t.externalId} is null and ${t.detail} is null and ${t.fetched} is null)`,
    ),
  ],
);

export const calls = pgTable(
  "calls",
  {
    id: uuid().primaryKey().defaultRandom(),
    eventId: uuid("event_id")
      .notNull()
      .references(() => events.id),
    source: text().notNull(),
    rule: text().notNull(),
    ruleVersion: integer("rule_version").notNull(),
    try: integer().notNull().default(1),
    againOf: uuid("again_of"),
    /** Why a person wanted it though an earlier try had rung, in their words without numbers. */
    againReason: text("again_reason"),
    mode: text().notNull(),
    line: text().references(() => lines.slug),
    status: text().notNull(),
    reason: text(),
    /** The evidence of the reason: a field's path, Mihu's status, the zone that was used. */
    detail: jsonb().$type<Record<string, unknown>>(),
    orderNumber: text("order_number"),
    orderNumberKey: text("order_number_key"),
    recordType: text("record_type"),
    recordId: text("record_id"),
    number: text(),
    /** The number's country: asked again at each dial. */
    country: text(),
    about: text(),
    prompt: text(),
    promptOverwrite: boolean("prompt_overwrite").notNull().default(false),
    greeting: text(),
    /** What `content` is keyed with: 32 random bytes, base64url. Tries of one call say the same, and have the same. */
    salt: text(),
    /** HMAC-SHA256 of what is said to whom, as the entry of the call's making has it. */
    content: text(),
    /** The zones whose clocks say whether it is a calling hour. */
    zones: text().array(),
    createdAt: time("created_at").notNull().defaultNow(),
    dueAt: time("due_at"),
    /** The end of the calling hours that `due_at` lies in; past it the call waits for the next ones. */
    closesAt: time("closes_at"),
    expiresAt: time("expires_at"),
    claimedAt: time("claimed_at"),
    claimSeq: bigint("claim_seq", { mode: "number" }),
    /** Journal and number of the last claim: whoever keeps that journal can say whether its POST was begun. */
    claimedBy: text("claimed_by"),
    leaseUntil: time("lease_until"),
    /** Until then this call takes one of its line's calls per minute. */
    slotUntil: time("slot_until"),
    placedAt: time("placed_at"),
    endedAt: time("ended_at"),
    outcome: text(),
    outcomeRaw: text("outcome_raw"),
    durationS: integer("duration_s"),
    summary: text(),
    recordingUrl: text("recording_url"),
    conversationUuid: text("conversation_uuid"),
    contactUuid: text("contact_uuid"),
    mihuId: text("mihu_id"),
    listenUrl: text("listen_url"),
    recordUrl: text("record_url"),
    pollAt: time("poll_at"),
    polls: integer().notNull().default(0),
    /** Why no further try is made, whatever the outcome: its record was withdrawn, or a person stopped it. */
    againStopped: text("again_stopped"),
    /** Since when nothing personal is left of it: its number, its texts and its salt are gone. */
    erasedAt: time("erased_at"),
  },
  (t) => [
    unique("calls_once").on(t.eventId, t.rule, t.try),
    uniqueIndex("calls_number_once").on(t.number).where(sql`${t.status} in ('dialing', 'unknown')`),
    index("calls_newest").on(t.createdAt.desc(), t.id.desc()),
    index("calls_by_order").on(t.orderNumberKey, t.createdAt.desc(), t.id.desc()),
    index("calls_by_record").on(t.recordType, t.recordId, t.createdAt.desc(), t.id.desc()),
    index("calls_by_number").on(t.number, t.createdAt.desc(), t.id.desc()),
    index("calls_by_conversation").on(t.conversationUuid),
    // Filters of the list. A value that many calls have would be found in `calls_newest` as fast; one that few or none have (a rule
    // that is new, a status that is rare) would cost a walk through all of it. A call is written some four times, and each index
    // costs a tenth more log: dear for events, and little at the pace at which phones can be rung. Filters that are given
    // together take the index of one and look at its rows; `from` and `to` narrow any of them.
    index("calls_by_status").on(t.status, t.createdAt.desc(), t.id.desc()),
    index("calls_by_source").on(t.source, t.createdAt.desc(), t.id.desc()),
    index("calls_by_rule").on(t.rule, t.createdAt.desc(), t.id.desc()),
    index("calls_by_line").on(t.line, t.createdAt.desc(), t.id.desc()),
    index("calls_due").on(t.line, t.dueAt).where(sql`${t.status} = 'queued'`),
    index("calls_closing").on(t.line, t.closesAt).where(sql`${t.status} = 'queued' and ${t.closesAt} is not null`),
    index("calls_pace").on(t.line, t.slotUntil).where(sql`${t.slotUntil} is not null`),
    index("calls_in_review").on(t.line, t.claimedAt).where(sql`${t.status} = 'review'`),
    index("calls_in_flight").on(t.line, t.status).where(sql`${t.status} in ('dialing', 'unknown')`),
    index("calls_placed").on(t.line, t.placedAt).where(sql`${t.status} = 'placed'`),
    index("calls_going_on").on(t.number, t.placedAt).where(sql`${t.status} = 'placed'`),
    index("calls_to_poll").on(t.line, t.pollAt).where(sql`${t.status} = 'placed'`),
    check("calls_status", sql`${t.status} in (${oneOf(callStatuses)})`),
    check("calls_outcome", sql`${t.outcome} in (${oneOf(outcomes)})`),
    check("calls_ended_has_outcome", sql`(${t.status} = 'ended') = (${t.outcome} is not null)`),
    check("calls_ended_at", sql`(${t.status} = 'ended') = (${t.endedAt} is not null)`),
    check(
      "calls_reason",
      sql`${t.reason} is not null or ${t.status} not in ('skipped', 'held', 'unknown', 'review', 'rejected', 'expired', 'canceled')`,
    ),
    check(
      "calls_dialable",
      sql`${t.status} in ('skipped', 'held', 'canceled', 'expired') or ${t.erasedAt} is not null or (${t.line} is not null and ${t.number} is not null and ${t.about} is not null and ${t.dueAt} is not null)`,
    ),
    check("calls_number_e164", sql`${t.number} ~ '^\\+[1-9][0-9]{6,14}$'`),
    check("calls_lease", sql`${t.status} <> 'dialing' or (${t.leaseUntil} is not null and ${t.claimSeq} is not null)`),
    check(
      "calls_placed",
      sql`${t.status} not in ('placed', 'ended') or (${t.placedAt} is not null and (${t.conversationUuid} is not null or ${t.mihuId} is not null))`,
    ),
    check(
      "calls_erased",
      sql`${t.erasedAt} is null or (${t.status} in (${oneOf(erasable)}) and num_nonnulls(${t.number}, ${t.about}, ${t.prompt}, ${t.greeting}, ${t.salt}, ${t.summary}, ${t.recordingUrl}, ${t.recordUrl}, ${t.listenUrl}, ${t.contactUuid}, ${t.detail}) = 0)`,
    ),
    check("calls_again_stopped", sql`${t.againStopped} in ('withdrawn', 'canceled')`),
    check("calls_try", sql`${t.try} >= 1 and (${t.try} = 1) = (${t.againOf} is null)`),
  ],
);

/**
 * What Mihu's outcome webhooks said, without credentials, each once: kept as it came, and nothing of it is believed. A report is
 * about a call of ours where that call has its conversation.
 */
export const reports = pgTable(
  "reports",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    line: text()
      .notNull()
      .references(() => lines.slug, { onDelete: "cascade" }),
    /** Hash of the event's name, what it is about and its body: the same report again is the same row. */
    key: text().notNull(),
    event: text().notNull(),
    conversationUuid: text("conversation_uuid"),
    mihuId: text("mihu_id"),
    body: text().notNull(),
    receivedAt: time("received_at").notNull(),
  },
  (t) => [
    unique("reports_once").on(t.line, t.key),
    index("reports_by_conversation").on(t.conversationUuid, t.id).where(sql`${t.conversationUuid} is not null`),
    index("reports_oldest").on(t.receivedAt),
  ],
);

/** What a gate answered for a call, with what it looked at. */
export const verdicts = pgTable(
  "verdicts",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    callId: uuid("call_id")
      .notNull()
      .references(() => calls.id),
    gate: text().notNull(),
    verdict: text().notNull(),
    inputs: jsonb().$type<Record<string, unknown>>().notNull(),
    at: time("at").notNull().defaultNow(),
  },
  (t) => [
    index("verdicts_by_call").on(t.callId, t.id),
    check("verdicts_verdict", sql`${t.verdict} in ('pass', 'stop')`),
  ],
);

/**
 * The audit entries. The app's role may insert and read them and nothing else, so what links and signs them lives beside
 * them: `tx` is the transaction that wrote an entry, which gives a linker an order that no late commit can slip under.
 */
export const entries = pgTable(
  "entries",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: time("at").notNull().default(sql`clock_timestamp()`),
    tx: xid8("tx").notNull().default(sql`pg_current_xact_id()`),
    subject: text().notNull(),
    subjectId: text("subject_id").notNull(),
    action: text().notNull(),
    actor: text().notNull(),
    reason: text(),
    /** Never a number or a text of a person: what may have to be erased is not written here. */
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index("entries_by_subject").on(t.subject, t.subjectId, t.id), index("entries_by_tx").on(t.tx, t.id)],
);

/** The chain: each entry at its position, which the notary gives it. Written once, in order, without a gap. */
export const links = pgTable(
  "links",
  {
    position: bigint({ mode: "number" }).primaryKey(),
    /** No foreign key: it would lock each entry, which the app's role may not. A removed one is what the chain is there to show. */
    entryId: bigint("entry_id", { mode: "number" }).notNull(),
    hash: bytea().notNull(),
  },
  (t) => [
    unique("links_each_entry_once").on(t.entryId),
    check("links_position", sql`${t.position} > 0`),
    check("links_hash", sql`octet_length(${t.hash}) = 32`),
  ],
);

/** Signed heads of the chain: so many that a receipt has one close by. */
export const heads = pgTable("heads", {
  position: bigint({ mode: "number" }).primaryKey(),
  hash: bytea().notNull(),
  at: time("at").notNull(),
  kid: text().notNull(),
  jws: text().notNull(),
});

/** Requests that Mihu saw and that rang nobody (429, 401, …): they count for the pace, and their call is claimed anew meanwhile. */
export const slots = pgTable(
  "slots",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    line: text()
      .notNull()
      .references(() => lines.slug),
    until: time("until").notNull(),
  },
  (t) => [index("slots_by_line").on(t.line, t.until)],
);

/** Who rang whom last for a rule's `once_per` key; one row a key, taken over when its time is up. */
export const once = pgTable(
  "once",
  {
    source: text().notNull(),
    rule: text().notNull(),
    key: text().notNull(),
    eventId: uuid("event_id").notNull(),
    until: time("until").notNull(),
  },
  (t) => [primaryKey({ columns: [t.source, t.rule, t.key] }), index("once_by_event").on(t.eventId)],
);

/** Calls that a rule made in a window of its burst gate. */
export const bursts = pgTable(
  "bursts",
  {
    source: text().notNull(),
    rule: text().notNull(),
    window: time("window").notNull(),
    calls: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.source, t.rule, t.window] })],
);

/** Records about which a rule's calls were withdrawn: a call that an earlier event makes later than that is not placed. */
export const withdrawals = pgTable(
  "withdrawals",
  {
    source: text().notNull(),
    rule: text().notNull(),
    recordType: text("record_type").notNull(),
    recordId: text("record_id").notNull(),
    /** The latest event that withdraws, when it came, and when it happened as its sender says. */
    eventId: uuid("event_id").notNull(),
    receivedAt: time("received_at").notNull(),
    occurredAt: time("occurred_at"),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.rule, t.recordType, t.recordId] }),
    index("withdrawals_oldest").on(t.receivedAt),
  ],
);

/** Numbers that are not to be rung. */
export const suppressions = pgTable("suppressions", {
  number: text().primaryKey(),
  /** What entries call this row: HMAC-SHA256 of the number under the row's own salt, which goes with the row. */
  mark: text(),
  salt: text(),
  reason: text().notNull(),
  until: time("until"),
  createdAt: time("created_at").notNull().defaultNow(),
  createdBy: text("created_by").notNull(),
});

/** What the sweep found that must not be: rows that break the books, by what is wrong with them. Gone once they are right again. */
export const gaps = pgTable(
  "gaps",
  {
    code: text().notNull(),
    subjectId: text("subject_id").notNull(),
    foundAt: time("found_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.code, t.subjectId] })],
);

/** The fields that rules and templates read: how often they came and as what, and what is to be told of them. Never a value. */
export const fields = pgTable(
  "fields",
  {
    source: text()
      .notNull()
      .references(() => sources.slug),
    /** Empty: the source's own templates. */
    rule: text().notNull(),
    path: text().notNull(),
    state: jsonb().$type<Record<string, unknown>>().notNull(),
    /** What is wrong, since when, and the types that it came as before and comes as now. */
    told: text(),
    toldSince: time("told_since"),
    fromType: text("from_type"),
    toType: text("to_type"),
  },
  (t) => [
    primaryKey({ columns: [t.source, t.rule, t.path] }),
    index("fields_told").on(t.told).where(sql`${t.told} is not null`),
    check("fields_told", sql`${t.told} in ('field_gone', 'field_changed')`),
    check("fields_told_since", sql`(${t.told} is null) = (${t.toldSince} is null)`),
  ],
);

/** How far the events of a source were looked at for their fields. */
export const fieldMarks = pgTable("field_marks", {
  source: text()
    .primaryKey()
    .references(() => sources.slug),
  receivedAt: time("received_at").notNull(),
  eventId: uuid("event_id").notNull(),
  lookedAt: time("looked_at").notNull().defaultNow(),
});

/** The sweep's own row, the only one: when it last looked through the books, and how far back it has come in them. */
export const sweeps = pgTable(
  "sweeps",
  {
    one: boolean().primaryKey().default(true),
    at: time("at").notNull().defaultNow(),
    eventsAt: time("events_at"),
    eventsId: uuid("events_id"),
    callsAt: time("calls_at"),
    callsId: uuid("calls_id"),
  },
  (t) => [check("sweeps_one", sql`${t.one}`)],
);

/** Requests that were refused at a source's door, newest kept. */
export const rejections = pgTable(
  "rejections",
  {
    id: uuid().primaryKey(),
    source: text()
      .notNull()
      .references(() => sources.slug),
    at: time("at").notNull(),
    code: text().notNull(),
    detail: text().notNull(),
    headers: jsonb().$type<string[]>().notNull(),
    bodyBytes: integer("body_bytes").notNull(),
    method: text(),
    url: text(),
    /** Those with their values that the scheme reads; none that carries a secret. */
    requestHeaders: jsonb("request_headers").$type<Record<string, string>>(),
    body: bytea(),
    bodyKept: text("body_kept"),
    /** Keyed hashes of a secret that was presented. */
    presented: jsonb(),
    acceptedAt: time("accepted_at"),
    acceptedEvents: jsonb("accepted_events").$type<string[]>(),
  },
  (t) => [
    index("rejections_newest").on(t.source, t.at.desc()),
    // The sweep looks here for what is too old to be kept.
    index("rejections_with_request").on(t.at).where(sql`${t.method} is not null`),
    check("rejections_body_kept", sql`${t.bodyKept} in (${oneOf(bodiesKept)})`),
    check("rejections_body", sql`${t.body} is null or ${t.bodyKept} = 'whole'`),
    check(
      "rejections_accepted",
      sql`${t.acceptedAt} is null or (${t.acceptedEvents} is not null and ${t.body} is null)`,
    ),
  ],
);

export const tokens = pgTable("tokens", {
  jti: uuid().primaryKey(),
  name: text().notNull(),
  scopes: text().array().notNull(),
  createdAt: time("created_at").notNull().defaultNow(),
  createdBy: text("created_by"),
  expiresAt: time("expires_at").notNull(),
  revokedAt: time("revoked_at"),
});

export const sessions = pgTable("sessions", {
  /** Keyed hash of the cookie's value. */
  hash: text().primaryKey(),
  jti: uuid()
    .notNull()
    .references(() => tokens.jti),
  createdAt: time("created_at").notNull().defaultNow(),
  expiresAt: time("expires_at").notNull(),
  endedAt: time("ended_at"),
});
