import * as z from "zod";
import { parseHours } from "../../domain/hours.ts";
import { callsAtOnceDefault, callsPerDayDefault, callsPerMinuteDefault } from "../../domain/limits.ts";
import { country, line as text } from "./words.ts";

const count = (min: number, max: number) =>
  z.int("must be a whole number").min(min, `must be at least ${min}`).max(max, `must be at most ${max}`);

/** Calling hours; the domain reads them and says what is wrong with them. */
const hours = z
  .strictObject({ days: z.string(), from: z.string(), to: z.string(), closed: z.array(z.string()).optional() })
  .superRefine((value, context) => {
    const parsed = parseHours(value);
    if (!parsed.ok)
      context.addIssue({ code: "custom", message: parsed.reason, path: parsed.path === "" ? [] : steps(parsed.path) });
  });

/** A line as in hookline.yaml. */
export const lineBody = z.strictObject({
  // Mihu decides what an agent's id looks like: its own example is no valid UUID.
  agent: text(200),
  calls_per_minute: count(1, 60_000).default(callsPerMinuteDefault),
  calls_at_once: count(1, 10_000).default(callsAtOnceDefault),
  calls_per_day: count(0, 1_000_000).default(callsPerDayDefault),
  countries: z.array(country).max(250).nullable().default(null),
  hours: hours.nullable().default(null),
});
export type LineBody = z.output<typeof lineBody>;

export const pauseBody = z.strictObject({ reason: text(300) });

function steps(path: string): (string | number)[] {
  return path.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
