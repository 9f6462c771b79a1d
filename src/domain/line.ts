import type { OpenHours } from "./hours.ts";

/** A named Mihu agent with its pace. What is omitted in the API has its default here already. */
export type Line = {
  readonly slug: string;
  /** Mihu's agent id. Not checked for its form: Mihu decides. */
  readonly agent: string;
  readonly callsPerMinute: number;
  readonly callsAtOnce: number;
  readonly callsPerDay: number;
  /** ISO countries that may be rung; `null`: only the country of the source that asks. */
  readonly countries: readonly string[] | null;
  /** Calling hours as the customer's clock shows them; `null`: at any hour. */
  readonly hours: OpenHours | null;
};
