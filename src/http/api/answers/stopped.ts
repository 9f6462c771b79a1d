/** Parts of answers to changes: the calls that the change stopped, and whether it holds everywhere. */
import * as z from "zod";
import { count, isoTime } from "./words.ts";

/** Calls that lines had claimed when something stopped them. */
export const stoppedSchema = z
  .discriminatedUnion("confirmed", [
    z.strictObject({ confirmed: z.literal(true), given_back: count, in_flight: count }),
    z.strictObject({
      confirmed: z.literal(false),
      until: isoTime.meta({ description: "No call that was claimed begins after it." }),
      detail: z.string(),
      given_back: count,
      in_flight: count,
    }),
  ])
  .meta({
    id: "Stopped",
    description: "Calls that a line had claimed. `in_flight`: on their way to Mihu, or their line did not answer.",
  });

/** Fields of an answer that say whether every Worker and object uses the changed state. */
export const confirmation = {
  confirmed: z.boolean().meta({
    description: "False: an inbox, a line or a Worker may still use the earlier state, at the latest until `until`.",
  }),
  until: isoTime.optional(),
  detail: z.string().optional(),
};

/** Calls that waited for a change that stops them. */
export const waitingCallsSchema = z.array(
  z
    .strictObject({
      source: z.string(),
      rule: z.string().nullable(),
      canceled: count,
      kept: count,
      remaining: count.meta({ description: "The sweep cancels them, and none of them rings." }),
    })
    .meta({ id: "WaitingCalls" }),
);
