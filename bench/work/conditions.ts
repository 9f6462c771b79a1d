// Each function, method, macro and operator of conditions, at the worst inputs that are known.
import { jsonValues, largeCharacters, manyElements } from "./inputs.ts";

export type Work = {
  /** The function as it is registered. */
  readonly name: string;
  readonly source: string;
  /** Lowest weight that the whole must be charged, by the size of its input and output, and by the errors in it. */
  readonly least: number;
};

/** Weight of a large text, and of an error. */
const readOnce = largeCharacters >> 8;
const failed = 1;
const pieces = 50_000;

/** A few times in one condition, over large texts. Each is false. */
const few = (name: string, least: number, use: string, times = 5): Work => ({
  name,
  source: Array(times).fill(use).join(" || "),
  least: least * times,
});

/** Four times for each element of a list. Each is false, or fails. */
const many = (name: string, use: string, least = failed): Work => ({
  name,
  source: `data.list.exists(i, ${Array(4).fill(use).join(" || ")})`,
  least: least * 4 * manyElements,
});

/** A macro over the list, whose body fails. */
const macro = (name: string, body: string): Work => ({
  name,
  source: `data.list.${name}(${body})${name === "map" || name === "filter" ? ".size() < 0" : ""}`,
  least: manyElements,
});

const functions: readonly Work[] = [
  many("has", "has(data.gone)"),
  many("has", "has(i.gone.gone)"),
  few("size", readOnce, "size(data.letters) < 0"),
  few("size", readOnce, "size(data.smileys) < 0"),
  few("size", 20_000, "size(data.object) < 0", 2),
  many("int", "int(i.text) == 1"),
  few("int", readOnce, "int(data.letters) == 1"),
  many("double", "double(i.text) < 0.0"),
  many("double", "double(i.amount) < 0.0"),
  few("double", readOnce, "double(data.letters) < 0.0"),
  many("number", "number(i.text) < 0.0"),
  many("number", "number(i.amount) < 0.0"),
  many("number", "number(i.spaced) < 0.0"),
  few("number", readOnce, "number(data.letters) < 0.0"),
  many("string", 'string(i.count) == "q"'),
  few("string", 2 * readOnce, 'string(data.letters) == "q"'),
  many("bool", "bool(i.text)"),
  few("bool", readOnce, "bool(data.letters)"),
  many("dyn", 'dyn(i.count) == "q"'),
  many("type", "type(i.count) == string"),
  many("timestamp", 'timestamp(i.time) < timestamp("1970-01-01T00:00:00Z")'),
  few("timestamp", readOnce, 'timestamp(data.letters) < timestamp("1970-01-01T00:00:00Z")'),
  few("duration", 40, 'duration("1s") < duration(data.element.digits)', 30),
  many("parseJson", "parseJson(i.json).a", 5),
  few("parseJson", jsonValues / 2, "size(parseJson(data.lists)) < 0", 2),
  few("parseJson", jsonValues / 2, "size(parseJson(data.keys)) < 0", 1),
];

const methods: readonly Work[] = [
  few("size", readOnce, "data.smileys.size() < 0"),
  many("size", "i.count.size() < 0"),
  few("startsWith", 2 * readOnce, "data.letters.startsWith(data.letter)"),
  few("endsWith", 2 * readOnce, "data.letters.endsWith(data.long)"),
  few("contains", readOnce, "data.letters.contains(data.needle)"),
  few("contains", readOnce, "data.periods.contains(data.run)"),
  many("contains", 'i.count.contains("a")'),
  many("contains", `"${"a".repeat(800)}".contains("${"a".repeat(60)}b")`, 1 + (800 >> 6)),
  few("indexOf", readOnce, "data.letters.indexOf(data.needle) > 0"),
  few("indexOf", readOnce, "data.letters.indexOf(data.backwards, 1) > 0"),
  few("indexOf", readOnce, 'data.letters.indexOf("aaaaab") > 0'),
  few("lastIndexOf", readOnce, "data.letters.lastIndexOf(data.backwards) > 0"),
  few("lastIndexOf", readOnce, "data.letters.lastIndexOf(data.needle, 899999) > 0"),
  few("split", readOnce, "data.letters.split(data.needle).size() < 0"),
  few("split", pieces, 'data.pieces.split("a").size() < 0', 1),
  few("split", pieces, 'data.pieces.split("").size() < 0', 1),
  few("split", readOnce, "data.periods.split(data.run, 3).size() < 0"),
  few("substring", 2 * readOnce, 'data.letters.substring(1) == "q"'),
  few("substring", readOnce, 'data.smileys.substring(1, 5) == "q"'),
  few("lowerAscii", 2 * readOnce, 'data.dotted.lowerAscii() == "q"'),
  few("upperAscii", 2 * readOnce, 'data.sharp.upperAscii() == "q"'),
  few("trim", readOnce, 'data.spaces.trim() == "q"'),
  ...["FullYear", "Month", "Date", "DayOfWeek", "Hours", "Minutes", "Seconds", "Milliseconds"].flatMap((part) => [
    many(`get${part}`, `timestamp(i.count).get${part}() == 5000`),
    many(`get${part}`, `i.count.get${part}() == 1`),
  ]),
];

const macros: readonly Work[] = [
  macro("all", "i, i.gone"),
  macro("all", "i, i.gone.gone || i.gone.gone || i.gone.gone || i.gone.gone"),
  macro("exists", "i, i.gone == 1"),
  { name: "exists", source: "data.few.exists(i, data.few.exists(p, p.gone == 1 || i.gone == 1))", least: 60 * 60 * 3 },
  macro("exists_one", "i, i.count == 6"),
  macro("map", "i, i.count"),
  macro("map", "i, [i, i, i, i, i]"),
  macro("filter", "i, i.count == 5"),
];

const operators: readonly Work[] = [
  many(".", "i.gone"),
  many(".", "i.gone.gone.gone.gone"),
  many(".", "i.text.gone"),
  many("[]", 'i["gone"]'),
  many("[]", "data.list[5000].gone"),
  many("[]", "i[i.text]"),
  many("list", "[1, 2, 3, 4, 5, 6, 7, 8] == [1]", 8),
  many("map", '{"a": 1, "b": 2, "c": 3}.gone == 1'),
  many("?:", "(i.count ? true : false)"),
  many("||", "(i.count || i.count)"),
  many("&&", "(i.count && i.count)"),
  many("!_", "!i.count"),
  many("-_", "-i.text < 0.0"),
  few("==", 2 * readOnce, "data.letters == data.letter"),
  many("==", 'i == "q"'),
  few("!=", 2 * readOnce, "data.letters != data.letters"),
  many("in", "i.count in [1, 2, 3, 4]"),
  few("in", 20_000, '"q" in data.object', 2),
  few("in", manyElements, "-1 in data.numbers"),
  few("+", 4 * readOnce, '(data.letters + data.letters).endsWith("b")'),
  few("+", 2 * manyElements, "size(data.numbers + data.numbers) < 0"),
  many("+", 'i.count + i.text == "q"'),
  many("-", "i.text - 1 > 1"),
  many("*", "i.text * 2 > 1"),
  many("/", "1 / 0 > 1"),
  many("%", "1 % 0 > 1"),
  few("<", 2 * readOnce, "data.letters < data.letters"),
  many("<", 'i.count < "q"'),
  few("<=", 2 * readOnce, "data.letter <= data.letters"),
  few(">", 2 * readOnce, "data.letters > data.letter"),
  many(">", 'i.count > "q"'),
  few(">=", 2 * readOnce, "data.letters >= data.letter"),
];

/** By the lists that name what a condition may say. */
export const conditionWork = { functions, methods, macros, operators } as const;
