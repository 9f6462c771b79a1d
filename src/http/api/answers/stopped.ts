/** The end of an answer to a change: the calls that it stopped, and whether everybody goes by it. */
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

/** Whether every Worker and object goes by a change, as fields of its answer. */
export const confirmation = {
  confirmed: z.boolean().meta({ description: "False: somebody may go by what was before, until `until`." }),
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
