/** The state of one run of a text. Types only. */
import type { MappingContext } from "../context.ts";
import type { Meter } from "./meter.ts";
import type { TextUse } from "./program.ts";

/** Treatment of missing values: `prose` refuses them, `lenient` passes them on. */
export type Taking = "prose" | "lenient";

export type Rendering = {
  readonly context: MappingContext;
  readonly use: TextUse;
  readonly meter: Meter;
  readonly locals: Map<string, unknown>;
  readonly read: Set<string>;
  /** Notes about changed values, for previews. `null`: no notes are wanted. */
  readonly notes: RenderNote[] | null;
  output: string;
  /** The end of the output, as far as it comes from our own template without a customer's value in between. */
  ownTail: string;
};

/**
 * A change of a value that the author of a text should know: a `default` replaced it, it was cut to its cap, or characters that cannot be
 * said were removed.
 */
export type RenderNote = {
  readonly note: "default_used" | "value_cut" | "characters_removed";
  readonly path: string | null;
};
