/** Parts that several of the API's schemas share. Each reports a mistake as a whole sentence. */
import * as z from "zod";
import { fetchesPerEventMax } from "../../../domain/limits.ts";
import { parseDuration } from "../../../domain/rules/duration.ts";
import { slugPattern } from "../../slug.ts";

export const slug = z
  .string()
  .regex(slugPattern, "must be lower-case letters, digits and hyphens, at most 63, a letter or digit first");

/** A text that Postgres can store, of at most `max` characters. */
export const line = (max: number) =>
  z
    .string()
    .min(1, "must not be empty")
    .max(max, `must have at most ${max} characters`)
    .refine(storable, "must not hold a NUL or half a character");

/**
 * Values by their names. zod's record drops the name `__proto__` without a word; here it is a mistake like any unknown field.
 *
 * @see https://zod.dev/api#records
 */
export const byName = <Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(key: Key, value: Value) =>
  z
    .unknown()
    .superRefine((given, context) => {
      if (typeof given === "object" && given !== null && Object.hasOwn(given, "__proto__"))
        context.addIssue({ code: "unrecognized_keys", keys: ["__proto__"] });
    })
    .pipe(z.record(key, value));

/** A duration as rules write it: `90s`, `10m`, `4h`. */
export const duration = line(32).superRefine((text, context) => {
  const parsed = parseDuration(text);
  if (!parsed.ok) context.addIssue({ code: "custom", message: parsed.reason });
});

/** The name of a record that can be fetched. Texts read it as `record.ticket`. */
export const fetchName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a name: lower-case letters, digits and _, a letter first, at most 40");

/** The records that a rule fetches. */
export const fetchNames = z
  .array(fetchName)
  .max(fetchesPerEventMax, `must name at most ${fetchesPerEventMax} things`)
  .refine((names) => new Set(names).size === names.length, "must name each thing once");

/** A number to call, as people write it. */
export const phoneText = line(64);

/** The name of a preset, of a zone or of a type of records. */
export const nameText = line(64);

/** An id, an order number or an account of another system. */
export const idText = line(200);

/** The reason of a decision. It stands in the timeline. */
export const reasonText = line(500);

/** ISO 3166, two letters in upper case. */
export const country = z.string().regex(/^[A-Z]{2}$/, "must be a country's two letters (ISO 3166), in upper case");

/**
 * Range of every time that is asked of the API. Outside of it are typing mistakes and programs' words for "never", which Postgres, an alarm
 * or the calendar of a zone takes otherwise than the client meant it.
 */
const earliestMs = Date.UTC(1970, 0, 1);
export const latestMs = Date.UTC(2100, 0, 1);

/** Whether a time is within the range. No time at all is left to whoever reads it. */
export function isInRange(ms: number): boolean {
  return Number.isNaN(ms) || (ms >= earliestMs && ms <= latestMs);
}

/** ISO 8601 with its offset, or a date of UTC. Gives epoch milliseconds. */
export const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], "must be a time in ISO 8601, such as 2026-11-02T15:04:05Z")
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= earliestMs && ms <= latestMs, "must be a time from 1970-01-01 to 2100-01-01");

function storable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
