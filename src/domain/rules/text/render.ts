/**
 * Runs a compiled text over one event's context. Pure and bounded: it counts steps, elements and characters (meter.ts), and asks
 * no clock.
 *
 * In prose (`about`, `prompt`, `greeting`) a value that is missing, empty or no text stops the render with its path, unless a
 * `default` was given. In conditions of tags a missing value is simply not there.
 */

import { isObject } from "../../json.ts";
import type { MappingContext } from "../context.ts";
import { clean } from "./clean.ts";
import { equals, evaluate, isSent, missingDetail, runValue } from "./evaluate.ts";
import { isValueUse, textIterationsMax, textOutputBytesMax, valueCharactersMax } from "./limits.ts";
import {
  chargeIterations,
  chargeStep,
  endRender,
  freshMeter,
  type Meter,
  type RenderFailure,
  renderWeight,
  stopped,
} from "./meter.ts";
import type { Expression, Node, Text, Value } from "./program.ts";
import type { Rendering, RenderNote, Taking } from "./rendering.ts";
import { isNothing, isTruthy, keysOf, kindOf, numericValue, textOf } from "./values.ts";

/** The way on after running nodes: the next node, the next turn of the loop, or out of the loop. */
type Course = "on" | "continue" | "break";

/**
 * @param notes takes what was done to values, where that is wanted
 * @returns the output as the template gives it (its use's closing and limits are text.ts' affair) and the fields that were read
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
    made: new Set(),
    read: new Set(),
    notes,
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
      const { value, asSent } = runValue(rendering, node.value, proseOr(rendering));
      setLocal(rendering, node.name, value, !asSent);
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

  const before = { item: locals.get(node.name), made: rendering.made.has(node.name), loop: locals.get("forloop") };
  const length = items.length;
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
    setLocal(rendering, node.name, item, !isSent(rendering, node.list));
    locals.set("forloop", forloop);
    if (runNodes(rendering, node.body) === "break") break;
  }
  setLocal(rendering, node.name, before.item, before.made);
  locals.set("forloop", before.loop);
  return "on";
}

function setLocal({ locals, made }: Rendering, name: string, value: unknown, isMade: boolean): void {
  locals.set(name, value);
  if (isMade) made.add(name);
  else made.delete(name);
}

/** The elements of a loop: a list's elements, an object's pairs, a text as one. */
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

/** Writes what the template says itself. */
function writeOwn(rendering: Rendering, text: string): void {
  append(rendering, text);
  const tail = rendering.ownTail + text;
  // White space control and branches can put two halves together that no single literal holds.
  if (/\{[{%]|[%}]\}/.test(tail))
    endRender(rendering.meter, "placeholder", "the template's own text shows template braces", null);
  rendering.ownTail = tail.slice(-1);
}

/** Writes one `{{ … }}`: cleaned and capped after its filters, so that no filter launders a longer text. */
function writeValue(rendering: Rendering, value: Value): void {
  const { meter, use } = rendering;
  const { value: made, fallback, nothing } = runValue(rendering, value, proseOr(rendering));
  meter.path = value.path;
  if (typeof made === "object" && made !== null)
    endRender(meter, "placeholder", `${kindOf(made)} stands where a text is needed`);
  if (use === "path") {
    writeId(rendering, textOf(meter, made));
    return;
  }
  // One more than a value may have, so that text.ts refuses a long value: a key that is cut would be another customer's.
  const most = isValueUse(use) ? valueCharactersMax[use] + 1 : valueCharactersMax[use];
  const whole = textOf(meter, made);
  const text = clean(whole, most, use === "about");
  if (rendering.notes !== null && text !== whole)
    noteCleaned(rendering.notes, value.path, whole, text, use === "about");
  if (text === "" && !fallback && !isValueUse(use)) endRender(meter, "placeholder", missingDetail(nothing));
  if (value.path === null) {
    writeOwn(rendering, text);
    return;
  }
  append(rendering, text);
  if (text !== "") rendering.ownTail = "";
}

/** A URL chooses the record that is fetched. A stranger's value in it must be a plain id, and is never repaired into one. */
function writeId(rendering: Rendering, text: string): void {
  if (!isPlainId(text))
    endRender(rendering.meter, "placeholder", "the value is no plain id (letters, digits, _ and -)");
  append(rendering, text);
}

function isPlainId(text: string): boolean {
  return text.length <= valueCharactersMax.path && /^[A-Za-z0-9_-]+$/.test(text);
}

function append(rendering: Rendering, text: string): void {
  rendering.output += text;
  // A code unit takes at least a byte; the exact count is made once, at the end.
  if (rendering.output.length > textOutputBytesMax)
    endRender(rendering.meter, "too_long", `a text has at most ${textOutputBytesMax} bytes`, null);
}

/** Says what cleaning did beside the white space: cut the end off, or took out what cannot be said. */
function noteCleaned(notes: RenderNote[], path: string | null, whole: string, text: string, lines: boolean): void {
  const uncut = clean(whole, whole.length, lines);
  if (uncut !== text) notes.push({ note: "value_cut", path });
  const plain = (some: string) => some.replace(/\s+/g, " ").trim();
  if (plain(uncut) !== plain(whole)) notes.push({ note: "characters_removed", path });
}
