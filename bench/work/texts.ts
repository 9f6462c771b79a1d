// Each filter, operator and tag of texts, at the worst inputs that are known.
import type { FilterName } from "../../src/domain/rules/text/filters.ts";
import type { Node, Operator } from "../../src/domain/rules/text/program.ts";
import type { Work } from "./conditions.ts";
import { jsonValues, largeCharacters, manyElements, someElements } from "./inputs.ts";

type Uses = readonly Pick<Work, "source" | "least">[];

const readOnce = largeCharacters >> 8;

/** Over large texts. */
const large = (value: string, filters: string, least = readOnce, times = 1): Uses[number] => ({
  source: `${`{% assign x = ${value} | ${filters} %}`.repeat(times)}x`,
  least: least * times,
});

/** Four times for each element of a list. */
const loop = (body: string, least = 1): Uses[number] => ({
  source: `{% for i in data.some %}${body.repeat(4)}{% endfor %}x`,
  least: least * 4 * someElements,
});
const each = (value: string, filters: string, least = 1) => loop(`{% assign x = ${value} | ${filters} %}`, least);

const math = (name: string): Uses => [each("i.amount", `${name}: i.amount`), each("i.spaced", `${name}: i.spaced`)];
const rounding = (name: string): Uses => [each("i.amount", name), each("i.spaced", name)];

/** A new filter without an entry does not compile. */
export const filterWork: Readonly<Record<FilterName, Uses>> = {
  default: [each("i.gone", "default: i.text"), large("data.letters", "default: 'x'", 1)],
  upcase: [large("data.sharp", "upcase")],
  downcase: [large("data.dotted", "downcase")],
  capitalize: [large("data.dotted", "capitalize")],
  strip: [large("data.padded", "strip")],
  lstrip: [large("data.padded", "lstrip")],
  rstrip: [large("data.padded", "rstrip")],
  squish: [large("data.words", "squish", 2 * readOnce), large("data.padded", "squish", 2 * readOnce)],
  strip_newlines: [large("data.lines", "strip_newlines", 2 * readOnce)],
  strip_html: [large("data.tags", "strip_html", 2 * readOnce), large("data.comments", "strip_html", 2 * readOnce)],
  truncate: [large("data.smileys", "truncate: 100000", 2 * 300)],
  truncatewords: [large("data.words", "truncatewords: 100000", readOnce)],
  append: [large("data.letters", "append: data.letter", 2 * readOnce), each("data.ligatures", "append: ''", 6)],
  prepend: [large("data.letters", "prepend: data.letter", 2 * readOnce), each("data.brackets", "prepend: ''", 6)],
  replace: [
    large("data.letters", "replace: data.needle, 'b'", readOnce, 2),
    large("data.pieces", "replace: 'a', 'b'", 50_000 >> 4),
  ],
  replace_first: [large("data.letters", "replace_first: data.needle, 'b'", readOnce, 2)],
  remove: [large("data.periods", "remove: data.run", readOnce, 2), large("data.pieces", "remove: 'a'", 50_000 >> 4)],
  remove_first: [large("data.letters", "remove_first: data.backwards", readOnce, 3)],
  split: [large("data.letters", "split: data.needle", readOnce, 3)],
  slice: [large("data.letters", "slice: 1, 100000", 4 * readOnce)],
  parse_json: [
    large("data.lists", "parse_json", jsonValues >> 3),
    large("data.keys", "parse_json", jsonValues >> 3),
    large("data.letters", "parse_json", readOnce),
  ],
  date: [each("0", `date: '${"%Y%A".repeat(10)}'`, 10), each("i.time", "date: '%s'", 1)],
  plus: math("plus"),
  minus: math("minus"),
  times: math("times"),
  divided_by: math("divided_by"),
  modulo: math("modulo"),
  at_least: math("at_least"),
  at_most: math("at_most"),
  abs: rounding("abs"),
  ceil: rounding("ceil"),
  floor: rounding("floor"),
  round: [each("1.5", "round: 15"), ...rounding("round")],
  size: [large("data.list", "size", 1), each("data.letters", "size | default: 0")],
  first: [each("data.list", "first")],
  last: [each("data.list", "last")],
  join: [large("data.numbers", "join: data.run", manyElements)],
  map: [large("data.list", "map: 'count'", manyElements)],
  where: [
    large("data.list", "where: 'text', 'y'", manyElements),
    large("data.list", "where: data.needle", manyElements),
  ],
  compact: [large("data.list", "compact", manyElements)],
  reverse: [large("data.list", "reverse", manyElements)],
  uniq: [large("data.list", "uniq", manyElements)],
};

const test = (operation: string, least = 1) => loop(`{% if ${operation} %}{% endif %}`, least);
const few = (operation: string, least: number) => ({
  source: `${`{% if ${operation} %}{% endif %}`.repeat(2)}x`,
  least: 2 * least,
});

/** A new operator without an entry does not compile. */
export const operatorWork: Readonly<Record<Operator, Uses>> = {
  "==": [few("data.letters == data.letter", readOnce), test("i.amount == i.spaced"), test("data.unseen == blank")],
  "!=": [few("data.letters != data.letter", readOnce), test("data.ligatures != blank", 6)],
  "<": [few("data.letters < data.letter", readOnce), test("i.amount < 5"), test("i.spaced < 5")],
  ">": [few("data.letters > data.letter", readOnce), test("i.amount > 5")],
  "<=": [few("data.letter <= data.letters", readOnce), test("i.amount <= 5")],
  ">=": [few("data.letters >= data.letter", readOnce), test("i.amount >= 5")],
  contains: [
    few("data.letters contains data.needle", readOnce),
    few("data.periods contains data.run", readOnce),
    test("i.text contains 'aaaaaaaaaaab'"),
  ],
  and: [test("i.gone and i.gone"), test("data.ligatures and data.brackets", 12)],
  or: [test("i.gone or i.gone"), test("data.entities or i.gone", 6)],
};

/** By the kinds of a text's nodes, which its tags make. */
export const nodeWork: Readonly<Record<Node["kind"], Uses>> = {
  literal: [{ source: "word{% assign x = 1 %}".repeat(300), least: 600 }],
  output: [
    { source: "{{ data.letters }}".repeat(20), least: 20 },
    loop("{{ data.unseen | default: '' }}", 19),
    { source: "{{ data.selectors }}".repeat(20), least: 20 * 31 },
    { source: "{{ data.entitled | truncate: 1 }}".repeat(20), least: (20 * 30_000) >> 8 },
  ],
  if: [test("data.ligatures", 6), test("not i.gone"), loop("{% unless data.brackets %}{% endunless %}", 6)],
  case: [
    loop("{% case i.text %}{% when 'a' %}{% when 'b' %}{% when 'c' %}{% endcase %}", 4),
    { source: "{% case data.letters %}{% when data.letter %}{% endcase %}x", least: readOnce },
  ],
  for: [{ source: "{% for i in data.list %}{% endfor %}x", least: manyElements }],
  assign: [loop("{% assign x = data.ligatures %}", 6), loop("{% assign x = data.entities %}", 6)],
  break: [loop("{% if i.gone %}{% break %}{% endif %}")],
  continue: [loop("{% if i.gone %}{% continue %}{% endif %}")],
};
