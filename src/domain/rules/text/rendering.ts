/** The state of one run of a text. Types only. */
import type { MappingContext } from "../context.ts";
import type { Meter } from "./meter.ts";
import type { TextUse } from "./program.ts";
import type { NameBudget } from "./quoting/names.ts";

/**
 * Treatment of values: `prose` refuses what is missing, `lenient` passes it on; to both a value that stands for nothing is missing.
 * `raw`: as it was sent, to be compared.
 */
export type Taking = "prose" | "lenient" | "raw";

/** A name that `assign` or `for` gave to a value. */
export type Local = {
  readonly value: unknown;
  /** The template made it: it is decoded, and may be an author's own "none". */
  readonly made: boolean;
  /** No words of a stranger are in it: it is the author's, or a number. */
  readonly own: boolean;
  /** It comes from fields of names alone. */
  readonly named: boolean;
};

export type Rendering = {
  readonly context: MappingContext;
  readonly use: TextUse;
  readonly meter: Meter;
  readonly locals: Map<string, Local>;
  readonly read: Set<string>;
  /** Notes about changed values, for previews. `null`: no notes are wanted. */
  readonly notes: RenderNote[] | null;
  /** Loops that the run is within. */
  loops: number;
  /** The room that is left for bare names in a greeting. */
  readonly names: NameBudget;
  output: string;
  /** The end of the output, as far as it comes from our own template without a customer's value in between. */
  ownTail: string;
};

/**
 * A change of a value that the author of a text should know: a `default` replaced it, it was cut to its cap, characters that cannot be
 * said were removed, or other quotation marks stand for those that only the service may write. Without a path the last is about the
 * template's own text.
 */
export type RenderNote = {
  readonly note: "default_used" | "value_cut" | "characters_removed" | "marks_replaced";
  readonly path: string | null;
};
