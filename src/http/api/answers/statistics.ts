/** Figures as the API answers with them. */
import * as z from "zod";
import type { StatisticsView } from "../../../views/statistics.ts";
import { count, isoTime, perhapsTime } from "./words.ts";

const seconds = z.number().min(0);

export const statisticsSchema = z
  .strictObject({
    by: z.enum(["hour", "day"]),
    from: isoTime,
    to: isoTime,
    complete_from: perhapsTime.meta({
      description: "Earlier entries are still being counted. `null`: the figures are complete.",
    }),
    complete_to: perhapsTime.meta({
      description: "Later entries are still being counted. `null`: the figures are complete.",
    }),
    data: z.array(
      z
        .strictObject({
          at: isoTime.meta({ description: "Begin of the hour or day, in UTC." }),
          rings: count.meta({ description: "Calls that were placed." }),
          outcomes: z.record(z.string(), count).meta({ description: "Calls that ended, by outcome." }),
          held: count,
          review: count,
          waiting_s: z
            .strictObject({ p50: seconds, p95: seconds })
            .nullable()
            .meta({ description: "Seconds from a call's due time until it was placed, within 10 %." }),
          refused: count.nullable().meta({ description: "Rejected requests. `null`: older than a day." }),
        })
        .meta({ id: "Figures" }),
    ),
  })
  .meta({ id: "Statistics" }) satisfies z.ZodType<StatisticsView>;
