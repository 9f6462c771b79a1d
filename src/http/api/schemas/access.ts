import * as z from "zod";
import { tokenDaysMax } from "../../../domain/limits.ts";
import { scopes } from "../../auth/token.ts";
import { line, moment, phoneText } from "./words.ts";

export const tokenBody = z.strictObject({
  name: line(100),
  scopes: z.array(z.enum(scopes, `must be one of: ${scopes.join(", ")}`)).min(1, "must name at least one scope"),
  days: z
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(tokenDaysMax, `must be at most ${tokenDaysMax}`),
});

/** `POST /v1/audit/restored`: an operator's reason for accepting a restored database. */
export const restoredBody = z.strictObject({ reason: line(300) });

/** `POST /v1/reseal`. `cursor` continues an earlier request. */
export const resealBody = z.strictObject({ cursor: line(200).optional() });

export const suppressionBody = z.strictObject({
  number: phoneText,
  reason: line(300),
  until: moment.nullable().default(null),
});
