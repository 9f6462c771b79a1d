/** Hooks and deliveries. */
import * as z from "zod";
import { hookPayloads } from "../../../domain/hooks/body.ts";
import { deliveryStates, hookFormats, hookStates } from "../../../domain/hooks/hook.ts";
import { count, isoTime, pageOf, perhapsText, perhapsTime, uuid } from "./words.ts";

const hookFields = {
  id: uuid,
  owner: z.string().meta({ description: "Name of the token that made it." }),
  target_url: z.string(),
  format: z.enum(hookFormats),
  events: z.array(z.string()),
  when: perhapsText,
  when_error: perhapsText.meta({ description: "Why `when` could not be decided for an event, which was not told." }),
  when_error_at: perhapsTime,
  payload: z.enum(hookPayloads),
  header_names: z.array(z.string()),
  description: perhapsText,
  state: z.enum(hookStates),
  reason: perhapsText,
  reason_text: perhapsText,
  detail: perhapsText,
  since: isoTime,
  failing_since: perhapsTime,
  former_secret_until: perhapsTime.meta({ description: "Until then the secret before the rotation signs too." }),
  pending: count.meta({ description: "Deliveries that wait." }),
  next_at: perhapsTime.meta({
    description: "Time of the next try; null while the hook is not active, or nothing waits.",
  }),
  last_try: z
    .strictObject({ at: isoTime, status: z.int().nullable(), error: perhapsText, error_text: perhapsText })
    .nullable()
    .meta({ description: "The newest try of the hook's newest and next deliveries, and the receiver's answer to it." }),
  created_at: isoTime,
  updated_at: isoTime,
};
const secret = z.string().optional().meta({ description: "Shown this once." });

export const hookSchema = z.strictObject(hookFields).meta({ id: "Hook" });
export const hooksSchema = z.strictObject({ data: z.array(hookSchema) });
export const savedHookSchema = z.strictObject({ ...hookFields, secret }).meta({ id: "SavedHook" });

const deliveryFields = {
  id: uuid,
  hook: uuid,
  type: z.string(),
  call: uuid.nullable(),
  state: z.enum(deliveryStates),
  reason: perhapsText,
  reason_text: perhapsText,
  tries: count,
  next_at: perhapsTime,
  created_at: isoTime,
  done_at: perhapsTime,
};
export const deliverySchema = z.strictObject(deliveryFields).meta({ id: "Delivery" });
export const deliveriesSchema = pageOf(deliverySchema);
export const wholeDeliverySchema = z
  .strictObject({
    ...deliveryFields,
    body: perhapsText.meta({ description: "The bytes that are signed and sent; null once they are erased." }),
    history: z.array(
      z.strictObject({
        nth: count,
        at: isoTime,
        ms: count,
        status: z.int().nullable(),
        error: perhapsText,
        error_text: perhapsText,
        answer: perhapsText.meta({ description: "The first 2 KB of the receiver's answer." }),
      }),
    ),
  })
  .meta({ id: "WholeDelivery" });
