/**
 * Runs a compiled text over one event's context. Pure and bounded: it counts steps, elements and characters (meter.ts),
 * and reads no clock.
 *
 * In prose (`about`, `prompt`, `greeting`) a value that is missing, empty or no text stops the render with its path,
 * unless it has a `default`. In conditions of tags a missing value is simply falsy.
 */

import { isObject } from "../../json.ts";
import type { MappingContext } from "../context.ts";
import { type Breaks, clean, cleaningCost } from "./clean.ts";
import { equals, evaluate, isNamed, isOwn, isSent, missingDetail, runValue } from "./evaluate.ts";
import { isValueUse, textIterationsMax, textOutputBytesMax, valueCharactersMax } from "./limits.ts";
import {
  chargeCharacters,
  chargeIterations,
  chargeStep,
  endRender,
  freshMeter,
  type Meter,
  type RenderFailure,
  renderWeight,
  stopped,
} from "./meter.ts";
import type { Expression, Node, Text, TextUse, Value } from "./program.ts";
import { freshNameBudget, takesName } from "./quoting/names.ts";
import { holdsProse } from "./quoting/prose-fields.ts";
import { isNumberLike, quote, withoutMarks, withoutOwnMarks } from "./quoting/quotation.ts";
import type { Local, Rendering, RenderNote, Taking } from "./rendering.ts";
import { isNothing, isTruthy, keysOf, kindOf, numericValue, textOf } from "./values.ts";

/** Cost of cleaning a character, as a multiple of reading it. */
const cleaningPasses = 2;

/**
 * Cost of quoting a character, as a multiple of reading it. The output may be much shorter than the input, so its limit
 * does not bound this work.
 */
const quotingCost = 20;

/** Control flow after nodes: the next node, the next iteration, or the end of the loop. */
type Course = "on" | "continue" | "break";

/**
 * @param notes Collects changes made to values, if wanted.
 * @returns The output, and the fields that were read. text.ts adds the closing line and enforces the limits of its use.
 */
export function runText(
  text: Text,
  context: MappingContext,
  notes: RenderNote[] | null = null,
): { ok: true; output: string; read: string[] } | { ok: false; failure: RenderFailure; read: string[] } {
  const meter = freshMeter();
  const rendering: Rendering = {
    context,
    use: text.use,
    meter,
    locals: new Map(),
    read: new Set(),
    notes,
    loops: 0,
    names: freshNameBudget(),
    output: "",
    ownTail: "",
  };
  try {
    runNodes(rendering, text.nodes);
  } catch (error) {
    if (error === stopped && meter.failure !== null)
      return { ok: false, failure: meter.failure, read: [...rendering.read] };
    throw error;
  } finally {
    if (context.account !== undefined) context.account.left -= renderWeight(meter);
  }
  return { ok: true, output: rendering.output, read: [...rendering.read] };
}

function runNodes(rendering: Rendering, nodes: readonly Node[]): Course {
  for (const node of nodes) {
    const course = runNode(rendering, node);
    if (course !== "on") return course;
  }
  return "on";
}

function runNode(rendering: Rendering, node: Node): Course {
  chargeStep(rendering.meter);
  switch (node.kind) {
    case "literal":
      writeOwn(rendering, node.text);
      return "on";
    case "output":
      writeValue(rendering, node.value);
      return "on";
    case "assign": {
      const { value, asSent, own, named } = runValue(rendering, node.value, proseOr(rendering));
      rendering.locals.set(node.name, { value, made: !asSent, own, named });
      return "on";
    }
    case "if": {
      for (const { when, negated, body } of node.branches)
        if (isTruthy(runValue(rendering, when, "lenient").value) !== negated) return runNodes(rendering, body);
      return runNodes(rendering, node.otherwise);
    }
    case "case": {
      const subject = runValue(rendering, node.subject, "raw").value;
      const hit = node.branches.find(({ values }) =>
        values.some((value) => equals(rendering, subject, value, node.subject.path)),
      );
      return runNodes(rendering, hit === undefined ? node.otherwise : hit.body);
    }
    case "for":
      return runFor(rendering, node);
    default:
      return node.kind;
  }
}

function runFor(rendering: Rendering, node: Extract<Node, { kind: "for" }>): Course {
  const { meter, locals } = rendering;
  meter.path = node.path;
  const found = evaluate(rendering, node.list);
  if (isNothing(found) && node.otherwise === null && proseOr(rendering) === "prose")
    endRender(meter, "placeholder", "the list is missing");
  const offset = loopBound(rendering, node.offset) ?? 0;
  const all = loopElements(meter, found);
  const end = Math.min(all.length, offset + (loopBound(rendering, node.limit) ?? all.length));
  if (end - offset > textIterationsMax)
    endRender(meter, "too_much_work", `a loop visits at most ${textIterationsMax} elements; give it a limit`);
  const some = all.slice(offset, end);
  const items = node.reversed ? some.toReversed() : some;
  if (items.length === 0) return runNodes(rendering, node.otherwise ?? []);

  const before = { item: locals.get(node.name), loop: locals.get("forloop") };
  const made = !isSent(rendering, node.list);
  const own = isOwn(rendering, node.list, found);
  const named = isNamed(rendering, node.list);
  const length = items.length;
  rendering.loops += 1;
  for (const [index, item] of items.entries()) {
    chargeIterations(meter, 1);
    const forloop = {
      index: index + 1,
      index0: index,
      rindex: length - index,
      rindex0: length - index - 1,
      first: index === 0,
      last: index === length - 1,
      length,
    };
    locals.set(node.name, { value: item, made, own, named });
    locals.set("forloop", { value: forloop, made: false, own: true, named: true });
    if (runNodes(rendering, node.body) === "break") break;
  }
  rendering.loops -= 1;
  restore(rendering, node.name, before.item);
  restore(rendering, "forloop", before.loop);
  return "on";
}

function restore({ locals }: Rendering, name: string, before: Local | undefined): void {
  if (before === undefined) locals.delete(name);
  else locals.set(name, before);
}

/** The elements of a loop: a list's elements, an object's pairs, or a text as one element. */
function loopElements(meter: Meter, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string") return value === "" ? [] : [value];
  if (!isObject(value)) return [];
  return keysOf(meter, value).map((key) => [key, value[key]]);
}

function loopBound(rendering: Rendering, expression: Expression | null): number | null {
  if (expression === null) return null;
  const made = Math.trunc(numericValue(evaluate(rendering, expression)));
  if (Number.isNaN(made)) return endRender(rendering.meter, "placeholder", "limit and offset need a number");
  return Math.max(made, 0);
}

function proseOr(rendering: Rendering): Taking {
  return isValueUse(rendering.use) || rendering.use === "path" ? "lenient" : "prose";
}

/** Writes the template's own text. It may not contain the quotation marks for strangers' words. */
function writeOwn(rendering: Rendering, text: string): void {
  const plain = isSpoken(rendering.use) ? withoutOwnMarks(text) : text;
  if (plain !== text) rendering.notes?.push({ note: "marks_replaced", path: null });
  append(rendering, plain);
  const tail = rendering.ownTail + plain;
  // White space control and branches can join two half marks that no single literal contains.
  if (/\{[{%]|[%}]\}/.test(tail))
    endRender(rendering.meter, "placeholder", "the template's own text would show template braces", null);
  rendering.ownTail = tail.slice(-1);
}

/** Whether an agent reads or says the text. */
function isSpoken(use: TextUse): use is "about" | "prompt" | "greeting" {
  return !isValueUse(use) && use !== "path";
}

/**
 * Writes one `{{ … }}`. The value is cleaned and cut after its filters, so that no filter can let a longer text
 * through.
 */
function writeValue(rendering: Rendering, value: Value): void {
  const { meter, use } = rendering;
  const { value: made, fallback, nothing, own, named } = runValue(rendering, value, proseOr(rendering));
  meter.path = value.path;
  if (typeof made === "object" && made !== null)
    endRender(meter, "placeholder", `${kindOf(made)} stands where a text is needed`);
  if (use === "path") {
    writeId(rendering, textOf(meter, made));
    return;
  }
  const whole = textOf(meter, made);
  chargeCharacters(meter, cleaningCost(whole, valueCharactersMax[use]) * cleaningPasses);
  if (isSpoken(use)) {
    const lines = use === "about" && (own || (breaksLine(whole) && holdsProse(value.path)));
    const breaks = lines ? "kept" : own || use === "greeting" ? "blanks" : "commas";
    const cleaned = clean(whole, valueCharactersMax[use], breaks);
    if (!own) chargeCharacters(meter, cleaned.length * quotingCost);
    const text = own ? cleaned : withoutMarks(cleaned);
    if (rendering.notes !== null) {
      const looked = whole.slice(0, cleaningCost(whole, valueCharactersMax[use]));
      const isLonger = whole.slice(looked.length).trim() !== "";
      noteChanges(rendering.notes, value.path, { looked, isLonger, cleaned, text }, breaks);
    }
    if (text === "" && !fallback) endRender(meter, "placeholder", missingDetail(nothing));
    if (own) writeOwn(rendering, text);
    else writeStrangers(rendering, isBare(rendering, text, named) ? text : quote(text));
    return;
  }
  // One character more than the limit, so that text.ts rejects a long value. A key that was cut could be another
  // customer's.
  const text = clean(whole, valueCharactersMax[use] + 1, "blanks");
  if (value.path === null) writeOwn(rendering, text);
  else writeStrangers(rendering, text);
}

function writeStrangers(rendering: Rendering, text: string): void {
  append(rendering, text);
  if (text !== "") rendering.ownTail = "";
}

/** Whether a stranger's words need no marks (quoting/quotation.ts). A name uses up room in the greeting. */
function isBare({ use, loops, names }: Rendering, words: string, named: boolean): boolean {
  return words === "" || isNumberLike(words) || (use === "greeting" && loops === 0 && takesName(names, words, named));
}

/** Whether the visible part of a value contains a line break. */
function breaksLine(value: string): boolean {
  return /[\n-\r\u0085\u2028\u2029]/.test(value.slice(0, cleaningCost(value, valueCharactersMax.about)));
}

/**
 * A URL selects the record that is fetched. A stranger's value in it must be a plain id and is never repaired into one.
 */
function writeId(rendering: Rendering, text: string): void {
  if (!isPlainId(text))
    endRender(rendering.meter, "placeholder", "the value is not a plain id (letters, digits, _ and -)");
  append(rendering, text);
}

function isPlainId(text: string): boolean {
  return text.length <= valueCharactersMax.path && /^[A-Za-z0-9_-]+$/.test(text);
}

function append(rendering: Rendering, text: string): void {
  rendering.output += text;
  // Lower bound: a code unit takes at least one byte. The exact size is computed once, at the end.
  if (rendering.output.length > textOutputBytesMax)
    endRender(rendering.meter, "too_long", `a text has at most ${textOutputBytesMax} bytes`, null);
}

/** `looked`: the part of the value that was read. `isLonger`: more words follow. */
type Changes = {
  readonly looked: string;
  readonly isLonger: boolean;
  readonly cleaned: string;
  readonly text: string;
};

/** Notes changes to a value, apart from white space: cut at its end, unspeakable characters removed, marks replaced. */
function noteChanges(
  notes: RenderNote[],
  path: string | null,
  { looked, isLonger, cleaned, text }: Changes,
  breaks: Breaks,
): void {
  if (text !== cleaned) notes.push({ note: "marks_replaced", path });
  if (cleaned === looked && !isLonger) return;
  // A comma in place of a line break makes a value longer but removes nothing of it.
  const uncut = clean(looked, looked.length * 2, breaks);
  if (isLonger || uncut !== cleaned) notes.push({ note: "value_cut", path });
  const plain = (some: string) => some.replace(/\s+/g, " ").trim();
  const unbroken = breaks === "commas" ? clean(looked, looked.length, "blanks") : uncut;
  if (plain(unbroken) !== plain(looked)) notes.push({ note: "characters_removed", path });
}
