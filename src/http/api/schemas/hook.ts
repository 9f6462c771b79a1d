/** Bodies and queries of hooks. `flows/hooks/subscribe.ts` checks fields beyond their types. */
import * as z from "zod";
import { hookPayloads } from "../../../domain/hooks/body.ts";
import { deliveryStates, hookFormats } from "../../../domain/hooks/hook.ts";
import { cursor, limit } from "./queries.ts";
import { byName, line, moment, reasonText } from "./words.ts";

/** Longest target URL, condition and header value. */
const urlCharactersMax = 2_048;
const conditionCharactersMax = 2_000;
const valueCharactersMax = 1_000;

const events = z.array(line(64));
const when = line(conditionCharactersMax).nullable();
const headerValue = z.string().max(valueCharactersMax, `must have at most ${valueCharactersMax} characters`);
const headers = byName(line(64), headerValue);
const description = line(300).nullable();

/** A hook of hookline.yaml. A header's value is usually in a variable, whose value `apply` adds. */
export const fileHook = z.strictObject({
  target_url: line(urlCharactersMax),
  events,
  format: z.enum(hookFormats).default("webhook"),
  when: when.default(null),
  payload: z.enum(hookPayloads).default("full"),
  headers: byName(
    line(64),
    z.union([headerValue, z.strictObject({ env: line(128), value: headerValue.optional() })]),
  ).default({}),
  description: description.default(null),
});

/** `POST /v1/hooks`: the hook of the token's name and this URL is made, or becomes so. */
export const hookBody = z.strictObject({
  target_url: line(urlCharactersMax),
  events,
  format: z.enum(hookFormats).optional(),
  when: when.optional(),
  payload: z.enum(hookPayloads).optional(),
  headers: headers.optional(),
  description: description.optional(),
  new_secret: z.boolean().optional(),
});

/** `PATCH /v1/hooks/:id`. A field that is left out stays. */
export const hookChangeBody = z.strictObject({
  events: events.optional(),
  when: when.optional(),
  payload: z.enum(hookPayloads).optional(),
  headers: headers.optional(),
  description: description.optional(),
});

export const hookPauseBody = z.strictObject({ reason: reasonText });

/** `POST /v1/hooks/:id/redeliver`. `all`: also what the receiver did get. */
export const redeliverBody = z.strictObject({ since: moment, all: z.boolean().default(false) });

export const unsubscribeQuery = z.strictObject({ target_url: line(urlCharactersMax) });

export const deliveriesQuery = z.strictObject({
  state: z.enum(deliveryStates).optional(),
  limit,
  cursor,
});
