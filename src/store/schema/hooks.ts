/** Hooks, what is delivered to them, and tasks that the service works off by itself. */
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { hookPayloads } from "../../domain/hooks/body.ts";
import { deliveryStates, hookFormats, hookStates } from "../../domain/hooks/hook.ts";
import { storedTaskStates } from "../../domain/tasks/task.ts";
import { oneOf, time, xid8 } from "./column-types.ts";

/** URLs that are told when calls change. One hook for each owner and URL. */
export const hooks = pgTable(
  "hooks",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Name of the token that made the hook. A hook is at work while a valid token of this name has the scopes that it needs. */
    owner: text().notNull(),
    targetUrl: text("target_url").notNull(),
    format: text().notNull(),
    /** Types of events, with wildcards. */
    events: text().array().notNull(),
    /** CEL over the body; null takes every event. */
    condition: text(),
    payload: text().notNull(),
    /** Why the condition could not be decided for the last event for which it could not. */
    conditionError: text("condition_error"),
    conditionErrorAt: time("condition_error_at"),
    headerNames: text("header_names").array().notNull().default(sql`'{}'`),
    description: text(),
    /** The secret, the secret before a rotation and the headers' values, sealed as one JSON text. */
    sealed: text().notNull(),
    /** Until this time the secret before the last rotation signs too. */
    formerUntil: time("former_until"),
    state: text().notNull().default("active"),
    stateReason: text("state_reason"),
    /** The words of the person who paused it, or the receiver's answer. */
    stateDetail: text("state_detail"),
    stateSince: time("state_since").notNull().defaultNow(),
    /** Time of the first failure since the last delivery that succeeded. */
    failingSince: time("failing_since"),
    /** Time until which the receiver asked to be left alone (`Retry-After`). */
    notBefore: time("not_before"),
    /** Time at which `hook.failing` was told. */
    toldAt: time("told_at"),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
  },
  (t) => [
    // `hooks/hooks.ts`: a hook that is made again is the same hook. Also the list of one owner.
    unique("hooks_once").on(t.owner, t.targetUrl),
    check("hooks_format", sql`${t.format} in (${oneOf(hookFormats)})`),
    check("hooks_payload", sql`${t.payload} in (${oneOf(hookPayloads)})`),
    check("hooks_state", sql`${t.state} in (${oneOf(hookStates)})`),
    check("hooks_state_reason", sql`(${t.state} = 'active') = (${t.stateReason} is null)`),
  ],
);

/** One entry to tell one hook. */
export const deliveries = pgTable(
  "deliveries",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Deliveries outlive their hook: `hooks/removed-hooks.ts` deletes them in parts. No foreign key, which would delete all at once. */
    hook: uuid().notNull(),
    /** Null for a test. */
    entry: bigint({ mode: "number" }),
    call: uuid(),
    type: text().notNull(),
    /** The exact bytes that are signed and sent; null once they are erased. */
    body: text(),
    /** Whether the body shows numbers and texts. */
    personal: boolean().notNull(),
    state: text().notNull().default("pending"),
    reason: text(),
    tries: integer().notNull().default(0),
    /** Tries before a person asked for a redelivery, which begins the schedule again. */
    triesBefore: integer("tries_before").notNull().default(0),
    nextAt: time("next_at"),
    leaseUntil: time("lease_until"),
    createdAt: time("created_at").notNull().defaultNow(),
    doneAt: time("done_at"),
  },
  (t) => [
    // `hooks/dispatch.ts` inserts with `on conflict` on this index, so that a hook is told an entry once.
    unique("deliveries_once").on(t.hook, t.entry),
    // `hooks/dispatch.ts`: the next deliveries of a hook, and the time of the next one of all.
    index("deliveries_due").on(t.hook, t.nextAt, t.entry).where(sql`${t.state} = 'pending'`),
    // `hooks/dispatch.ts`: whether an earlier delivery of the same call waits.
    index("deliveries_in_turn").on(t.hook, t.call, t.entry).where(sql`${t.state} = 'pending'`),
    // `hooks/dispatch.ts`: the deliveries of a hook that are under way.
    index("deliveries_leased").on(t.hook, t.leaseUntil).where(sql`${t.leaseUntil} is not null`),
    // `hooks/delivery-lookups.ts`: the deliveries of a hook, newest first.
    index("deliveries_of_hook").on(t.hook, t.createdAt.desc(), t.id.desc()),
    // `hooks/delivery-lookups.ts`, `calls/erasures.ts`: the deliveries about a call.
    index("deliveries_of_call").on(t.call).where(sql`${t.call} is not null`),
    // `sweep.ts`: deliveries to delete.
    index("deliveries_oldest").on(t.doneAt).where(sql`${t.doneAt} is not null`),
    check("deliveries_state", sql`${t.state} in (${oneOf(deliveryStates)})`),
    check("deliveries_pending", sql`(${t.state} = 'pending') = (${t.nextAt} is not null)`),
    check("deliveries_leased", sql`${t.leaseUntil} is null or ${t.state} = 'pending'`),
    check("deliveries_done", sql`(${t.state} = 'pending') = (${t.doneAt} is null)`),
  ],
);

/** The tries of a delivery, with the receiver's answers. */
export const deliveryTries = pgTable(
  "delivery_tries",
  {
    delivery: uuid()
      .notNull()
      .references(() => deliveries.id, { onDelete: "cascade" }),
    nth: integer().notNull(),
    at: time("at").notNull(),
    ms: integer().notNull(),
    /** HTTP status of the answer; null without an answer. */
    status: integer(),
    error: text(),
    /** The beginning of the answer; null once it is erased. */
    answer: text(),
  },
  (t) => [primaryKey({ columns: [t.delivery, t.nth] })],
);

/** How far the entries are turned into deliveries: one row. */
export const outbox = pgTable(
  "outbox",
  {
    id: boolean().primaryKey().default(true),
    tx: xid8("tx").notNull(),
    entry: bigint({ mode: "number" }).notNull(),
    /** Raised by each change of a hook. */
    version: bigint({ mode: "number" }).notNull().default(1),
  },
  (t) => [check("outbox_one", sql`${t.id}`)],
);

/** Work on many rows that a person asked for. The service goes on with it after the request has ended. */
export const tasks = pgTable(
  "tasks",
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: text().notNull(),
    /** The task's subject, as the request said. Never holds a number or a text of a person. */
    about: jsonb().$type<Record<string, unknown>>().notNull(),
    actor: text().notNull(),
    reason: text(),
    state: text().notNull().default("running"),
    /** Rows to work on. */
    total: integer().notNull(),
    done: integer().notNull().default(0),
    /** The row after which the next part of a redelivery begins. */
    mark: text(),
    detail: text(),
    createdAt: time("created_at").notNull().defaultNow(),
    updatedAt: time("updated_at").notNull().defaultNow(),
    endedAt: time("ended_at"),
    /** The token that began it, and the scopes without which it stops. */
    token: uuid(),
    needs: text().array(),
    /** The search for its rows that goes on; null once all are found. Never holds a number of a person. */
    search: jsonb().$type<Record<string, unknown>>(),
    /** Whether there were more rows than a task takes. */
    more: boolean().notNull().default(false),
    /** Rows that were left as they were, counted by reason. */
    refused: jsonb().$type<Record<string, number>>().notNull().default({}),
    /** Calls that were canceled while a line held them, until the line has answered. */
    unconfirmed: jsonb().$type<{ id: string; line: string }[]>(),
  },
  (t) => [
    // `tasks/tasks.ts`: the newest tasks.
    index("tasks_newest").on(t.createdAt.desc(), t.id.desc()),
    // `hooks/redeliveries.ts`: redeliveries to go on with.
    index("tasks_running").on(t.createdAt).where(sql`${t.state} = 'running'`),
    // `tasks/steps.ts`: the task that waits longest for its next step.
    index("tasks_to_step").on(t.updatedAt).where(sql`${t.state} = 'stepping' or ${t.unconfirmed} is not null`),
    check("tasks_state", sql`${t.state} in (${oneOf(storedTaskStates)})`),
    check("tasks_ended", sql`(${t.state} in ('running', 'stepping')) = (${t.endedAt} is null)`),
  ],
);

/** Rows that a task has yet to work on, in their order. A step deletes the rows that it has worked on. */
export const taskItems = pgTable(
  "task_items",
  {
    task: uuid()
      .notNull()
      .references(() => tasks.id, { onDelete: "cascade" }),
    /** Time of the call or the event. */
    at: time("at").notNull(),
    /** A call's or an event's id. */
    item: uuid().notNull(),
  },
  (t) => [primaryKey({ columns: [t.task, t.at, t.item] })],
);
