/** Matches of `/v1/find` as the API answers with them. */
import * as z from "zod";
import { findKinds } from "../../../domain/find.ts";
import type { FoundView } from "../../../views/calls/find.ts";
import { count, perhapsTime } from "./words.ts";

const kind = z.enum(findKinds);

const match = z
  .strictObject({
    kind,
    label: z.string(),
    exact: z.boolean().meta({ description: "`false`: an order number that only begins with the text." }),
    count: count.meta({ description: "Its calls, or its events if it has no call. At most 20." }),
    counted: z.enum(["calls", "events"]),
    more: z.boolean().meta({ description: "Whether there are more than were counted." }),
    newest_at: perhapsTime,
    link: z.string().meta({ description: "Path and query of its page." }),
  })
  .meta({ id: "Match" });

export const foundSchema = z
  .strictObject({
    matches: z.array(match),
    tried: z.array(kind).meta({ description: "Kinds that were looked up." }),
    not_tried: z.array(
      z.strictObject({
        kind,
        reason: z.enum(["needs_pii_read", "not_its_form"]).meta({
          description:
            "`needs_pii_read`: the token may not see numbers. `not_its_form`: the text cannot be an id of this kind.",
        }),
      }),
    ),
  })
  .meta({ id: "Found" }) satisfies z.ZodType<FoundView>;
