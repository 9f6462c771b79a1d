import * as z from "zod";
import { callStatuses, outcomes } from "../../../domain/calls/call.ts";
import { waitingChoices } from "../../../domain/config/waiting-calls.ts";
import { normaliseOrderNumber } from "../../../domain/events/order-number.ts";
import { eventsPerReplayMax } from "../../../domain/limits.ts";
import { clockOf } from "../../../domain/people/zone-clock.ts";
import { idsPerRequestMax } from "../../../domain/tasks/task.ts";
import { byName, line, moment, reasonText, slug } from "./words.ts";

const pageRowsMax = 200;
const pageRowsDefault = 50;

export const limit = z.coerce
  .number()
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(pageRowsMax, `must be at most ${pageRowsMax}`)
  .default(pageRowsDefault);
export const cursor = z.string().max(200).optional();

/** A value typed by a person. A blank one is rejected and does not mean "all". */
const typed = line(200);

/** A text of only punctuation and blanks is no order number. */
export const orderNumber = typed.refine((text) => normaliseOrderNumber(text) !== "", "must name an order");

const reasonCode = z
  .string()
  .regex(/^[a-z][a-z_]{0,63}$/, "must be a reason's code")
  .optional();

/** One or several of a closed list, with commas between them. */
const severalOf = <Name extends string>(names: readonly Name[]) =>
  z.string().transform((text, context): Name[] => {
    const found = names.filter((name) => text.split(",").includes(name));
    if (found.length === text.split(",").length) return found;
    const message = `must be one of: ${names.join(", ")}; or several with commas between them, each once`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

/** Fields that narrow a list of calls. */
export const callsFilter = z.strictObject({
  order_number: orderNumber.optional(),
  record_type: typed.optional(),
  record_id: typed.optional(),
  number: typed.optional(),
  conversation: typed.optional(),
  source: slug.optional(),
  rule: slug.optional(),
  line: slug.optional(),
  from: moment.optional(),
  to: moment.optional(),
  status: severalOf(callStatuses).optional(),
  outcome: z.enum(outcomes, `must be one of: ${outcomes.join(", ")}`).optional(),
  reason: reasonCode,
  mode: z.enum(["shadow", "test", "live"], "must be shadow, test or live").optional(),
});
export type CallsFilter = z.output<typeof callsFilter>;
export const callsQuery = callsFilter.extend({ limit, cursor });

/** Filter of a decision about many calls. An empty filter would select all calls and is rejected. */
const bulkFilter = callsFilter.refine(
  (filter) => Object.values(filter).some((value) => value !== undefined),
  "must name at least one field: an empty filter would match all calls",
);
export type BulkFilter = z.output<typeof bulkFilter>;

const idsOf = (what: string) =>
  z
    .array(z.uuid(`must be ${what}'s id`))
    .min(1, `must name ${what}`)
    .max(idsPerRequestMax, `must name at most ${idsPerRequestMax}`)
    .optional();
const asTask = z.boolean("must be true or false").default(false);

const bulk = {
  filter: bulkFilter.optional(),
  ids: idsOf("a call"),
  dry_run: z.boolean("must be true or false").default(false),
  as_task: asTask,
  cursor,
};

type Which = { ids?: unknown; filter?: unknown; as_task: boolean; cursor?: unknown };

/** Either `ids` or `filter`, and no cursor for a task. */
function oneSelection({ ids, filter, as_task, cursor }: Which, context: z.RefinementCtx): void {
  const wrong = (path: string, message: string) => context.addIssue({ code: "custom", message, path: [path] });
  if ((ids === undefined) === (filter === undefined)) wrong("filter", "must be given, or ids, but not both");
  if (as_task && cursor !== undefined) wrong("cursor", "must not be given with as_task: the task goes on by itself");
}

/** `POST /v1/calls/cancel`: all calls that match a filter. */
export const bulkReasonBody = z.strictObject({ ...bulk, reason: reasonText }).superRefine(oneSelection);

/**
 * `POST /v1/calls/release`. `rule_versions`: for each rule (`source/rule`), the version whose difference was shown to
 * the person.
 */
export const bulkReleaseBody = z
  .strictObject({
    ...bulk,
    reason: reasonText,
    render: z.enum(["shown", "newest"], "must be shown or newest").default("shown"),
    rule_versions: byName(z.string().max(140), z.number().int().min(1)).optional(),
  })
  .superRefine((body, context) => {
    const { render, rule_versions, dry_run } = body;
    oneSelection(body, context);
    if (render === "newest" && !dry_run && rule_versions === undefined)
      context.addIssue({
        code: "custom",
        message: "is missing: call with dry_run first, and give the rule_versions of its answer",
        path: ["rule_versions"],
      });
  });

/** `POST /v1/calls/resolve`. */
export const bulkResolveBody = z
  .discriminatedUnion(
    "rang",
    [
      z.strictObject({ ...bulk, rang: z.literal(true), reason: reasonText }),
      z.strictObject({
        ...bulk,
        rang: z.literal(false),
        // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
        then: z.enum(["dial", "close"], "must be dial or close"),
        reason: reasonText,
      }),
    ],
    "must say whether they rang: true or false",
  )
  .superRefine(oneSelection);

/** Events of a replay: those of one source, by state and reason. */
const replayFilter = z.strictObject({
  source: slug,
  type: typed.optional(),
  state: z.enum(["planned", "ignored"], "must be planned or ignored").optional(),
  reason: reasonCode,
  rule: slug.optional(),
  order_number: orderNumber.optional(),
  record_type: typed.optional(),
  record_id: typed.optional(),
  from: moment.optional(),
  to: moment.optional(),
});

/** `POST /v1/events/replay`. */
export const replayBody = z
  .strictObject({
    ids: idsOf("an event"),
    filter: replayFilter.optional(),
    rule: slug.optional(),
    dry_run: z.boolean("must be true or false").default(false),
    as_task: asTask,
    even_if_called: z.boolean("must be true or false").default(false),
    ignore_expiry: z.boolean("must be true or false").default(false),
    reason: reasonText.optional(),
    cursor,
  })
  .superRefine((body, context) => {
    const { ids, as_task, dry_run, even_if_called, ignore_expiry, reason } = body;
    const wrong = (path: string, message: string) => context.addIssue({ code: "custom", message, path: [path] });
    oneSelection(body, context);
    if (ids !== undefined && ids.length > eventsPerReplayMax && (dry_run || !as_task))
      wrong("ids", `must name at most ${eventsPerReplayMax} events; with as_task at most ${idsPerRequestMax}`);
    if (as_task && reason === undefined) wrong("reason", "is missing: as_task needs a reason, which the task shows");
    if (even_if_called && reason === undefined)
      wrong("reason", "is missing: even_if_called needs a reason, which is stored with the call");
    else if (ignore_expiry && reason === undefined)
      wrong("reason", "is missing: ignore_expiry needs a reason, which is stored with the call");
  });
export type ReplayBody = z.output<typeof replayBody>;

/** Fields that narrow a list of events. */
export const eventsFilter = z.strictObject({
  source: slug.optional(),
  order_number: orderNumber.optional(),
  state: z.enum(["unplanned", "planned", "ignored"], "must be one of: unplanned, planned, ignored").optional(),
  type: typed.optional(),
  reason: reasonCode,
  record_type: typed.optional(),
  record_id: typed.optional(),
  from: moment.optional(),
  to: moment.optional(),
});
export type EventsFilter = z.output<typeof eventsFilter>;

export const eventsQuery = eventsFilter.extend({ limit, cursor });

export const tasksQuery = z.strictObject({ limit, cursor });
/** `POST /v1/tasks/:id/cancel`. */
export const taskCancelBody = z.strictObject({ reason: reasonText.optional() });

/** Days of one answer: some hundreds of buckets. */
export const statisticsDaysMax = { hour: 31, day: 92 } as const;
export const statisticsQuery = z.strictObject({
  from: moment.optional(),
  to: moment.optional(),
  by: z.enum(["hour", "day"], "must be hour or day").default("hour"),
});

/** A text that somebody pasted, which may be a URL. */
const pastedCharactersMax = 500;
export const findQuery = z.strictObject({ q: line(pastedCharactersMax) });

export const orderQuery = z.strictObject({ order_number: orderNumber });
/** Zone of the times in an order's sentence. */
const zone = typed.refine((name) => clockOf(name) !== null, "must be an IANA zone, such as Europe/Berlin");
export const orderStoryQuery = orderQuery.extend({ zone: zone.default("UTC") });
/** Treatment of queued calls whose rule no longer calls anybody, or whose source is closed. */
const waiting = z.enum(waitingChoices, "must be cancel or keep").default("cancel");
export const waitingQuery = z.strictObject({ waiting });
const version = z
  .string()
  .regex(/^\d{1,9}$/, "must be a whole number")
  .transform(Number);
export const saveRuleQuery = waitingQuery.extend({ if_version: version.optional() });
export const configQuery = z.strictObject({
  dry_run: z.enum(["true", "false"], "must be true or false").default("false"),
  waiting,
});
