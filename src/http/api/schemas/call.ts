import * as z from "zod";
import { duration, idText, line, moment, nameText, phoneText, reasonText, slug } from "./words.ts";

/** Characters of a direct call's texts, about as much as a voice agent can use. */
const aboutCharactersMax = 16_000;
const promptCharactersMax = 8_000;
const greetingCharactersMax = 2_000;

/** Characters of an `Idempotency-Key`. */
const keyCharactersMax = 200;

/**
 * `POST /v1/calls`. Texts are used as given and are no templates. `again`: the call rings even if it repeats an earlier
 * one, for the `reason`.
 */
export const callBody = z
  .strictObject({
    line: slug,
    number: phoneText,
    about: line(aboutCharactersMax),
    prompt: z
      .strictObject({ text: line(promptCharactersMax), overwrite: z.boolean("must be true or false").default(false) })
      .optional(),
    greeting: line(greetingCharactersMax).optional(),
    order_number: idText.optional(),
    record: z.strictObject({ type: nameText, id: idText }).optional(),
    due_at: moment.optional(),
    expires: duration.optional(),
    again: z.boolean("must be true or false").optional(),
    reason: reasonText.optional(),
    dry_run: z.boolean("must be true or false").default(false),
  })
  .superRefine(({ again, reason }, context) => {
    const wrong = (message: string) => context.addIssue({ code: "custom", message, path: ["reason"] });
    if (again === true && reason === undefined) wrong("is missing: say why the customer should be called again");
    if (again !== true && reason !== undefined) wrong("is only for again: true");
  });
export type CallBody = z.output<typeof callBody>;

/** `POST /v1/calls/:id/cancel` and `…/again`. The call's timeline shows the reason. */
export const reasonBody = z.strictObject({ reason: reasonText });

/** `POST /v1/calls/:id/release`. */
export const releaseBody = z
  .strictObject({
    reason: reasonText.optional(),
    render: z.enum(["shown", "newest"], "must be shown or newest").default("shown"),
    rule_version: z.number("must be a number").int("must be a whole number").min(1, "must be at least 1").optional(),
    dry_run: z.boolean("must be true or false").default(false),
  })
  .superRefine(({ render, rule_version, dry_run }, context) => {
    const wrong = (message: string) => context.addIssue({ code: "custom", message, path: ["rule_version"] });
    if (render === "newest" && !dry_run && rule_version === undefined)
      wrong("is missing: call with dry_run first, and give the newest_version of its answer");
    if (render === "shown" && rule_version !== undefined) wrong("is only for render: newest");
  });

/** `POST /v1/calls/:id/resolve`: a person's decision about a call of which it is unknown whether it rang. */
export const resolveBody = z.discriminatedUnion(
  "rang",
  [
    z.strictObject({ rang: z.literal(true), conversation_uuid: idText.optional() }),
    z.strictObject({
      rang: z.literal(false),
      // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
      then: z.enum(["dial", "close"], "must be dial or close"),
      reason: reasonText,
    }),
  ],
  "must say whether it rang: true or false",
);

/** An `Idempotency-Key`: an opaque text of the client (IETF draft). */
export const idempotencyKey = z
  .string()
  .min(1)
  .max(keyCharactersMax)
  .regex(/^[\x20-\x7e]+$/, "must be printable ASCII");
