import * as z from "zod";
import { shardsMax } from "../../domain/limits.ts";
import { country, line } from "./words.ts";

const env = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be the name of an environment variable");
const value = line(4_096);

/** A secret: its value, a value with the name it was applied from, or one that is stored already. */
export const secret = z.union([
  value,
  z.strictObject({ env, value: value.optional() }),
  z.strictObject({ id: z.uuid("must be the id of a stored secret") }),
]);

/** A source as in hookline.yaml, but for its rules. Secrets that are not given are kept; given ones replace all. */
export const sourceBody = z.strictObject({
  preset: line(64),
  tenant: line(200).nullable().default(null),
  secrets: z.array(secret).max(10).optional(),
  country: country.nullable().default(null),
  zone: line(64).nullable().default(null),
  settings: z.record(z.string(), z.json()).default({}),
  order_number: line(8_192).nullable().default(null),
  record: z
    .strictObject({ type: line(64), id: line(8_192) })
    .nullable()
    .default(null),
  shards: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(shardsMax, `must be at most ${shardsMax}`)
    .default(1),
});
export type SourceBody = z.output<typeof sourceBody>;
