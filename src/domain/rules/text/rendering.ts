/** The state of one run of a text. Types only. */
import type { MappingContext } from "../context.ts";
import type { Meter } from "./meter.ts";
import type { TextUse } from "./program.ts";

/** How a value is taken: `prose` refuses what is missing, `lenient` passes it on. */
export type Taking = "prose" | "lenient";

export type Rendering = {
  readonly context: MappingContext;
  readonly use: TextUse;
  readonly meter: Meter;
  readonly locals: Map<string, unknown>;
  readonly read: Set<string>;
  /** Where somebody wants to know what was done to the values; on the way of an event nobody does. */
  readonly notes: RenderNote[] | null;
  output: string;
  /** The end of the output, as far as it comes from our own template without a customer's value in between. */
  ownTail: string;
};

/**
 * What was done to a value that a person who writes a text should know of: a `default` stood in for it, it was cut to its cap, or
 * characters that cannot be said were taken out.
 */
export type RenderNote = {
  readonly note: "default_used" | "value_cut" | "characters_removed";
  readonly path: string | null;
};
