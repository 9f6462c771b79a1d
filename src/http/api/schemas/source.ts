import * as z from "zod";
import { silentAfterMistake } from "../../../domain/events/source-trouble.ts";
import { secretsPerSourceMax, shardsMax } from "../../../domain/limits.ts";
import { jsonValue } from "../json-value.ts";
import { byName, country, duration, fetchName, fetchNames, idText, line, nameText } from "./words.ts";

/** Records that a source's own `api.get` may define. */
const fetchablesPerSourceMax = 20;

/** Characters of a secret: enough for a public key in PEM. */
const secretCharactersMax = 4_096;

/** Characters of a URL or of a URL template. */
const urlCharactersMax = 2_048;

/** Characters of a template. A coarse limit; the domain's parsers have narrower ones. */
const templateCharactersMax = 8_192;

const env = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, "must be the name of an environment variable");
const value = line(secretCharactersMax);
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, "must be the name of a header")
  .refine(
    (name) => !/^(?:host|connection|content-length|transfer-encoding|te|upgrade)$/i.test(name),
    "is a header that cannot carry a credential",
  );

/** Time without an event after which a source is silent. A number has no unit, so it gets the same sentence. */
const silentAfter = z
  .string('must be a duration, a whole number and a unit: "30m", "4h" or "2d"')
  .superRefine((text, context) => {
    const message = silentAfterMistake(text);
    if (message !== null) context.addIssue({ code: "custom", message });
  });

/** A secret: its value, its value with the name of its environment variable, or the id of a stored one. */
const secret = z.union([
  value,
  z.strictObject({ env, value: value.optional() }),
  z.strictObject({ id: z.uuid("must be the id of a stored secret") }),
]);

/**
 * The sender's own API. Without `credential` the stored one stays as long as the URL is unchanged; `null` removes it.
 */
const api = z.strictObject({
  base_url: line(urlCharactersMax).optional(),
  auth: z
    .union([
      z.enum(["bearer", "basic"], "must be bearer, basic or { header: name }"),
      z.strictObject({ header: headerName }),
    ])
    .optional(),
  credential: secret.nullable().optional(),
  get: byName(fetchName, line(urlCharactersMax))
    .refine(
      (gets) => Object.keys(gets).length <= fetchablesPerSourceMax,
      `must name at most ${fetchablesPerSourceMax} records`,
    )
    .optional(),
});

/**
 * A source as in hookline.yaml, without its rules. Without `secrets` the stored ones stay. Given `secrets` replace all
 * stored ones, except those of a running rotation, which the response names (`left_secrets`).
 */
export const sourceBody = z.strictObject({
  preset: nameText,
  tenant: idText.nullable().default(null),
  secrets: z.array(secret).max(secretsPerSourceMax).optional(),
  country: country.nullable().default(null),
  zone: nameText.nullable().default(null),
  settings: byName(z.string(), jsonValue).default({}),
  order_number: line(templateCharactersMax).nullable().default(null),
  record: z
    .strictObject({ type: nameText, id: line(templateCharactersMax) })
    .nullable()
    .default(null),
  shards: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(shardsMax, `must be at most ${shardsMax}`)
    .default(1),
  silent_after: silentAfter.nullable().default(null),
  fetch: fetchNames.nullable().default(null),
  api: api.nullable().optional(),
});
export type SourceBody = z.output<typeof sourceBody>;

/** An additional secret. The others verify until `retire_others_in` has passed. */
export const secretBody = z.strictObject({
  env: env.optional(),
  value,
  retire_others_in: duration.optional(),
});

/** `force`: removes even the last secret. All webhooks of the source are then rejected. */
export const secretRemovalQuery = z.strictObject({
  force: z.enum(["true", "false"], "must be true or false").default("false"),
});
