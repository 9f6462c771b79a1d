import * as z from "zod";
import { againOutcomes, ruleModes } from "../../../domain/rules/rule.ts";
import { fetchNames, line, phoneText, slug } from "./words.ts";

/** Coarse limits that protect the domain's parsers, whose own limits are narrower. */
const template = line(16_384);
const duration = line(32);

/** Fields of a rule. The domain checks their combination (`compileRule`). */
export const ruleSchemas = {
  mode: z.enum(ruleModes, `must be one of: ${ruleModes.join(", ")}`).optional(),
  on: z.array(line(200)).min(1, "must name at least one type of event").max(100).optional(),
  fetch: fetchNames.optional(),
  when: template.optional(),
  withdraw: template.optional(),
  also: z.boolean("must be true or false").optional(),
  once_per: z.strictObject({ key: template, in: duration }).optional(),
  line: slug,
  number: z.union([template, z.array(template).min(1, "must name at least one number").max(10)]),
  country: z.union([template, z.array(template).min(1, "must name at least one country").max(10)]).optional(),
  test_number: phoneText.optional(),
  about: template,
  prompt: z
    .union([template, z.strictObject({ text: template, overwrite: z.boolean("must be true or false").optional() })])
    .optional(),
  greeting: template.optional(),
  zone: template.optional(),
  expires: duration.optional(),
  burst: z.strictObject({ calls: z.int("must be a whole number").min(1).max(1_000_000), in: duration }).optional(),
  try_again: z
    .strictObject({ on: z.array(z.enum(againOutcomes)).min(1), after: z.array(duration).min(1).max(10) })
    .optional(),
};

/** `PUT …/rules/:name`. A new rule without a position goes last; a stored one keeps its position. */
export const ruleBody = z.strictObject({ ...ruleSchemas, position: z.int().min(0).max(1_000_000).optional() });

/** A rule in a source's list. Its index is its position. */
export const namedRule = z.strictObject({ name: slug, ...ruleSchemas });
