/** Field types shared by the API's schemas. Each reports a mistake as a whole sentence. */
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
    .refine(storable, "must not contain a NUL character or malformed Unicode");

/**
 * A map from names to values. Zod's record silently drops the name `__proto__`; this type rejects it like any unknown
 * field.
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

/** Name of a record that can be fetched. Templates read it as `record.ticket`. */
export const fetchName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, "must be a name: lower-case letters, digits and _, a letter first, at most 40");

/** The records that a rule fetches. */
export const fetchNames = z
  .array(fetchName)
  .max(fetchesPerEventMax, `must name at most ${fetchesPerEventMax} things`)
  .refine((names) => new Set(names).size === names.length, "must not name a record twice");

/** A phone number as people write it. */
export const phoneText = line(64);

/** Name of a preset, a time zone or a record type. */
export const nameText = line(64);

/** An id, order number or account of another system. */
export const idText = line(200);

/** Reason for a decision. The timeline shows it. */
export const reasonText = line(500);

/** ISO 3166, two letters in upper case. */
export const country = z.string().regex(/^[A-Z]{2}$/, "must be a country's two letters (ISO 3166), in upper case");

/**
 * Range of times that the API accepts. Times outside it are typing mistakes, or a program's notation for "never".
 * Postgres, alarms and time zones would treat those differently.
 */
const earliestMs = Date.UTC(1970, 0, 1);
export const latestMs = Date.UTC(2100, 0, 1);

/** Whether a time is within the range. A missing time passes; the field's own schema decides about it. */
export function isInRange(ms: number): boolean {
  return Number.isNaN(ms) || (ms >= earliestMs && ms <= latestMs);
}

/** ISO 8601 with an offset, or a date in UTC, as epoch milliseconds. */
export const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], "must be a time in ISO 8601, such as 2026-11-02T15:04:05Z")
  .transform((text) => Date.parse(text))
  .refine((ms) => ms >= earliestMs && ms <= latestMs, "must be a time from 1970-01-01 to 2100-01-01");

function storable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}
