import * as z from "zod";
import { hooksMax } from "../../../domain/hooks/limits.ts";
import { rulesPerSourceMax } from "../../../domain/limits.ts";
import { byName } from "./words.ts";

/**
 * Outline of hookline.yaml as JSON. Its parts have separate schemas, so that one mistake does not hide the others.
 */
export const documentShape = z.strictObject({
  lines: byName(z.string(), z.unknown()).optional(),
  sources: byName(
    z.string(),
    z.looseObject({ rules: z.array(z.unknown()).max(rulesPerSourceMax).optional() }),
  ).optional(),
  hooks: z.array(z.unknown()).max(hooksMax, `must have at most ${hooksMax} hooks`).optional(),
});
