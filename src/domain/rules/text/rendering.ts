/** State of one render. Types only. */
import type { MappingContext } from "../context.ts";
import type { Meter } from "./meter.ts";
import type { TextUse } from "./program.ts";
import type { NameBudget } from "./quoting/names.ts";

/**
 * Treatment of values.
 * - `prose`: a missing value stops the render. A value that stands for nothing counts as missing.
 * - `lenient`: a missing value is passed on. A value that stands for nothing counts as missing.
 * - `raw`: the value as sent, for comparisons.
 */
export type Taking = "prose" | "lenient" | "raw";

/** A value named by `assign` or `for`. */
export type Local = {
  readonly value: unknown;
  /** The template made it, so it is decoded, and a "none" in it is the author's own. */
  readonly made: boolean;
  /** Whether the value contains no words of a stranger, because it is the author's or a number. */
  readonly own: boolean;
  /** Whether the value comes from name fields only. */
  readonly named: boolean;
};

export type Rendering = {
  readonly context: MappingContext;
  readonly use: TextUse;
  readonly meter: Meter;
  readonly locals: Map<string, Local>;
  readonly read: Set<string>;
  /** Notes about changed values, for previews; null if the caller wants no notes. */
  readonly notes: RenderNote[] | null;
  /** Nesting of loops. */
  loops: number;
  /** Remaining room for unquoted names in a greeting. */
  readonly names: NameBudget;
  output: string;
  /** End of the output, as far as it comes from the template without a customer's value in between. */
  ownTail: string;
};

/**
 * A change of a value that a text's author should know: a `default` replaced it, it was cut, unspeakable characters
 * were removed, or quotation marks were replaced. Without a path the last is about the template's own text.
 */
export type RenderNote = {
  readonly note: "default_used" | "value_cut" | "characters_removed" | "marks_replaced";
  readonly path: string | null;
};
