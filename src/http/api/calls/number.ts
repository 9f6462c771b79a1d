import { parseNumber } from "../../../domain/people/phone.ts";
import type { ApiDeps } from "../../deps.ts";
import { ProblemError } from "../../problem.ts";

/**
 * @returns A request's field `number`, in E.164.
 * @throws ProblemError `invalid` for a text that is no phone number.
 */
export function numberOf({ defaultCountry }: ApiDeps, text: string): string {
  const parsed = parseNumber(text, defaultCountry);
  if (parsed.ok) return parsed.e164;
  throw new ProblemError("invalid", {
    detail: `The number ${parsed.detail}.`,
    errors: [{ path: ["number"], reason: parsed.detail }],
  });
}
