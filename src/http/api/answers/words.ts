/** Field types of answers. */
import * as z from "zod";

/** ISO 8601 in UTC. */
export const isoTime = z.iso.datetime();
export const perhapsTime = isoTime.nullable();

export const uuid = z.uuid();
export const perhapsText = z.string().nullable();
export const count = z.int().min(0);

/** Facts about one case. Their names depend on the reason; without `pii:read` only harmless ones are there. */
export const facts = z.record(z.string(), z.unknown());

/** A page of a list. `next_cursor` is null on the last one. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.strictObject({ data: z.array(row), next_cursor: perhapsText });

/** A page of a list whose filters may have no index of their own. */
export const searchedPageOf = <Row extends z.ZodType>(row: Row) =>
  z.strictObject({
    data: z.array(row),
    next_cursor: perhapsText,
    searched_to: perhapsTime.meta({
      description:
        "The page is not full, because the search came to its bound at this time. `next_cursor` goes on from there.",
    }),
  });

/** A reason with its sentence, and how many have it. */
export const reasonCount = z
  .strictObject({ reason: z.string(), reason_text: z.string(), count })
  .meta({ id: "ReasonCount" });
