import * as z from "zod";
import { lineBody } from "./line.ts";
import { namedRule } from "./rule.ts";
import { sourceBody } from "./source.ts";
import { slug } from "./words.ts";

/** A source in the document: with its rules in their order. Rules that are not given are kept; given ones replace all. */
export const documentSource = z.strictObject({ ...sourceBody.shape, rules: z.array(namedRule).max(200).optional() });

/** hookline.yaml as JSON: what the whole is. */
export const documentBody = z.strictObject({
  lines: z.record(slug, lineBody).default({}),
  sources: z.record(slug, documentSource).default({}),
});

/** Its outline. The parts are read one by one, so that a mistake in one of them does not hide those of another. */
export const documentShape = z.strictObject({
  lines: z.record(z.string(), z.unknown()).optional(),
  sources: z.record(z.string(), z.looseObject({ rules: z.array(z.unknown()).max(200).optional() })).optional(),
});
