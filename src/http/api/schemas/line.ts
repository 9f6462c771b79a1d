import * as z from "zod";
import { parseHours } from "../../../domain/people/calling-hours.ts";
import { country, isInRange, line as text } from "./words.ts";

/** Default pace of a line: calls per day (UTC), per minute, and at once. */
const callsPerDayDefault = 1_000;
const callsPerMinuteDefault = 10;
const callsAtOnceDefault = 3;

const count = (min: number, max: number) =>
  z.int("must be a whole number").min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);

const isoDay = /^\d{4}-\d{2}-\d{2}$/;

/**
 * A day on which a line does not call. A year outside the API's range of times is a typing mistake that would lose the
 * holiday. Days stored by earlier versions are not checked.
 */
const closedDay = z
  .string()
  .refine((day) => !isoDay.test(day) || isInRange(Date.parse(day)), "must be a date from 1970-01-01 to 2100-01-01");

/** Calling hours. The domain parses them and reports their mistakes. */
const hours = z
  .strictObject({ days: z.string(), from: z.string(), to: z.string(), closed: z.array(closedDay).optional() })
  .superRefine((value, context) => {
    const parsed = parseHours(value);
    if (!parsed.ok)
      context.addIssue({ code: "custom", message: parsed.reason, path: parsed.path === "" ? [] : steps(parsed.path) });
  });

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, "must be the name of a header");

/**
 * Signature scheme of Mihu's outcome webhooks. Mihu does not document it, so every field has a default that can be
 * changed.
 */
const webhookSettings = z
  .strictObject({
    header: headerName.optional(),
    algorithm: z.enum(["sha1", "sha256", "sha512"]).optional(),
    encoding: z.enum(["hex", "base64"]).optional(),
    prefix: z.string().max(50, "must have at most 50 characters").optional(),
    signed: z.string().max(200, "must have at most 200 characters").optional(),
    timestamp_header: headerName.optional(),
  })
  .superRefine(({ signed, timestamp_header }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: "custom", message, path: [path] });
    const needsTime = signed?.includes("{timestamp}") ?? false;
    if (signed !== undefined && signed.split("{body}").length !== 2) wrong("signed", "must have {body}, once");
    if (/\{(?!body\}|timestamp\})/.test(signed ?? ""))
      wrong("signed", "may have {body} and {timestamp} in braces, and no others");
    if (needsTime && timestamp_header === undefined)
      wrong("timestamp_header", "is missing: {timestamp} is taken from it");
    if (!needsTime && timestamp_header !== undefined)
      wrong("timestamp_header", "must be left out: signed has no {timestamp}");
  });

/** A line as in hookline.yaml. */
export const lineBody = z.strictObject({
  // Any text, because the example of an agent's id in Mihu's documentation is no valid UUID.
  agent: text(200),
  calls_per_minute: count(1, 60_000).default(callsPerMinuteDefault),
  calls_at_once: count(1, 10_000).default(callsAtOnceDefault),
  calls_per_day: count(0, 1_000_000).default(callsPerDayDefault),
  countries: z.array(country).max(250).nullable().default(null),
  hours: hours.nullable().default(null),
  webhook_settings: webhookSettings.nullable().default(null),
});
export type LineBody = z.output<typeof lineBody>;

/** `rotate`: makes a new key and secret even if the registered ones are valid. */
export const connectBody = z.strictObject({ rotate: z.boolean().default(false) });

export const pauseBody = z.strictObject({ reason: text(300) });

/** The reason is mandatory for a pause and optional for a resumption. */
export const resumeBody = z.strictObject({ reason: text(300).optional() });

function steps(path: string): (string | number)[] {
  return path.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
