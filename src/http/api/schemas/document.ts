import * as z from "zod";

/** The outline of hookline.yaml as JSON. The parts are read one by one, so that a mistake in one of them does not hide those of another. */
export const documentShape = z.strictObject({
  lines: z.record(z.string(), z.unknown()).optional(),
  sources: z.record(z.string(), z.looseObject({ rules: z.array(z.unknown()).max(200).optional() })).optional(),
});
