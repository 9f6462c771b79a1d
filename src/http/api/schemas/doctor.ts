import * as z from "zod";
import { bodyBytesMax, rejectionsPerSourceMax } from "../../../domain/limits.ts";
import { latestMs, line, moment, reasonText } from "./words.ts";

/** Limits of a pasted request: headers, values of a repeated header, characters of a value and of the URL. */
const headersMax = 200;
const valuesPerHeaderMax = 20;
const valueCharactersMax = 16_384;
const urlCharactersMax = 8_192;

/** Base64 takes four characters for three bytes. */
const base64CharactersMax = 4 * Math.ceil(bodyBytesMax / 3);

const value = z.string().max(valueCharactersMax, `must have at most ${valueCharactersMax} characters`);

/**
 * `POST …/verify`: a request as it arrived. `body` is its unchanged text; `body_base64` is for bytes that are no text.
 * The signature's timestamp is compared with `at`, the time of arrival.
 */
export const verifyBody = z
  .strictObject({
    method: z
      .string()
      .regex(/^[A-Za-z]{1,16}$/, "must be a method such as POST")
      .default("POST"),
    url: z
      .string()
      .max(urlCharactersMax, `must have at most ${urlCharactersMax} characters`)
      .regex(/^(?:https?:\/\/[^/\s]+)?(?:[/?]\S*)?$/i, "must be the address that the sender has, or its path")
      .optional(),
    headers: z
      .record(line(128), z.union([value, z.array(value).max(valuesPerHeaderMax)]))
      .refine((headers) => Object.keys(headers).length <= headersMax, `must have at most ${headersMax} names`)
      .default({}),
    body: z.string("must be the body's text as it came, not parsed JSON").optional(),
    body_base64: z
      .string()
      .max(base64CharactersMax, `must have at most ${base64CharactersMax} characters`)
      .refine(isBase64, "must be base64")
      .optional(),
    at: z
      .union([moment, z.int().min(0).max(latestMs)], "must be a time: ISO 8601, or milliseconds since 1970")
      .optional(),
  })
  .refine(({ body, body_base64 }) => body === undefined || body_base64 === undefined, {
    message: "cannot be given together with body",
    path: ["body_base64"],
  });
export type VerifyBody = z.output<typeof verifyBody>;

/** `POST …/rejections/accept`: the named rejections, or all that verify now. */
export const acceptRejectionsBody = z
  .strictObject({
    ids: z.array(z.uuid("must be a rejection's id")).min(1).max(rejectionsPerSourceMax).optional(),
    all: z.literal(true, "can only be true").optional(),
    reason: reasonText.optional(),
    dry_run: z.boolean().default(false),
  })
  .refine(({ ids, all }) => (ids === undefined) !== (all === undefined), {
    message: "must have either ids or all",
    path: ["ids"],
  });

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
