/**
 * Texts: Liquid over one event (`about`, `prompt`, `greeting`, and plain values: number, country, key, record id, order
 * number, zone).
 *
 * {@link compileText} checks and prepares a text once. {@link renderText} fills it for one event, or names the field
 * that prevents it.
 *
 * Pure: no clock, no I/O, no randomness. Work is counted (text/meter.ts). Tags and filters are allow-lists
 * (text/parse.ts, text/filters.ts). A stranger's words are cleaned, cut (text/clean.ts) and quoted
 * (text/quoting/quotation.ts).
 */
import type { MappingContext } from "../context.ts";
import { mistakeAt, type TextMistake } from "../mistake.ts";
import { isValueUse, textOutputBytesMax, valueCharactersMax } from "./limits.ts";
import type { RenderFailure } from "./meter.ts";
import { parseText } from "./parse.ts";
import type { Text, TextUse } from "./program.ts";
import { isQuoting, quotationRule } from "./quoting/quotation.ts";
import { runText } from "./render.ts";
import type { RenderNote } from "./rendering.ts";

/** Bytes (UTF-8) of one template. */
const textSourceBytesMax = 8_192;

/**
 * Checks and prepares a text.
 *
 * @param source Liquid.
 * @param use Use of the text.
 * @returns The text, or the first mistake with its position in the source.
 */
export function compileText(
  source: string,
  use: TextUse,
): { ok: true; text: Text } | { ok: false; mistake: TextMistake } {
  if (utf8Bytes(source) > textSourceBytesMax)
    return { ok: false, mistake: mistakeAt(source, 0, `a text has at most ${textSourceBytesMax} bytes`) };
  const odd = source.isWellFormed() ? source.indexOf("\0") : 0;
  if (odd >= 0)
    return {
      ok: false,
      mistake: mistakeAt(source, odd, "a text must not contain a NUL character or malformed Unicode"),
    };
  const parsed = parseText(source);
  if (!parsed.ok) return { ok: false, mistake: mistakeAt(source, parsed.offset, parsed.reason) };
  return { ok: true, text: { use, nodes: parsed.nodes, paths: parsed.paths } };
}

/** @returns Fields that a text may read, in source order: `data.customer.first_name`, `data.items[].title`. */
export function pathsOf(text: Text): string[] {
  return [...text.paths];
}

/**
 * Fills a text for one event.
 *
 * @param notes Collects changes of values, if wanted. The text is the same without it.
 * @returns The text and the fields that were read, or the reason for none. The detail names kinds and limits, never the
 *   payload's values.
 * - `placeholder`: a value is missing, empty or no text; `path` names it. In use `value` a missing one is simply empty.
 * - `too_long`, `too_much_work`: a limit of text/limits.ts.
 */
export function renderText(
  text: Text,
  context: MappingContext,
  notes: RenderNote[] | null = null,
): { ok: true; value: string; read: string[] } | ({ ok: false; read: string[] } & RenderFailure) {
  const made = runText(text, context, notes);
  if (!made.ok) return { ok: false, read: made.read, ...made.failure };
  const { read } = made;
  const trimmed = made.output.trim();
  if (text.use === "about" && trimmed === "")
    return { ok: false, read, reason: "placeholder", path: null, detail: "the text is empty" };
  const value = withRule(text.use, trimmed);
  if (isValueUse(text.use) && value.length > valueCharactersMax.value)
    return tooLong(read, `a value has at most ${valueCharactersMax.value} characters`);
  if (utf8Bytes(value) > textOutputBytesMax) return tooLong(read, `a text has at most ${textOutputBytesMax} bytes`);
  return { ok: true, value, read };
}

/**
 * An `about` always ends with the explanation of the marks, a prompt only if it quotes something. A greeting is spoken
 * and has none.
 */
function withRule(use: TextUse, said: string): string {
  if (use === "about") return `${said}\n\n${quotationRule}`;
  return use === "prompt" && isQuoting(said) ? `${said} ${quotationRule}` : said;
}

function tooLong(read: string[], detail: string): { ok: false; read: string[] } & RenderFailure {
  return { ok: false, read, reason: "too_long", path: null, detail };
}

function utf8Bytes(text: string): number {
  // Upper bound: a code unit takes at most three bytes, so most texts need no exact count.
  return text.length * 3 <= textOutputBytesMax / 2 ? text.length : new TextEncoder().encode(text).byteLength;
}
