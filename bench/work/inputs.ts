// The largest and the worst that a sender can put into a payload, for functions that look at it.

/** Characters of a large text: a payload has at most a megabyte. */
export const largeCharacters = 900_000;

/** Elements of a list: as many as a macro or a loop may visit. */
export const manyElements = 999;

/** Elements of a list whose loop has a longer body. */
export const someElements = 150;

const large = (text: string) => text.repeat(Math.ceil(largeCharacters / text.length)).slice(0, largeCharacters);

/** The longest that may be searched for, and worst for a search from the left or from the right. */
const needle = `aaaaab${"a".repeat(250)}`;
const backwards = `${"a".repeat(255)}b`;

/** JSON with nothing in it but values. */
export const jsonValues = 40_000;
const lists = `[${"[],".repeat(jsonValues / 2)}1]`;
const keys = `{${Array.from({ length: jsonValues / 2 }, (_, n) => `"k${n}":1`).join(",")}}`;

const element = {
  count: 5,
  text: "x",
  json: "{",
  amount: "\u0663".repeat(20),
  spaced: "1 ".repeat(32),
  time: `${"2026-01-01 ".repeat(9)}`,
  digits: "1".repeat(40),
};

/** One element for each turn of a loop, without a field `gone`. */
const list = Array.from({ length: manyElements }, () => element);

export const payload = {
  letters: large("a"),
  letter: `${large("a").slice(1)}b`,
  long: `b${large("a").slice(1)}`,
  spaces: large(" "),
  padded: `${" ".repeat(4_000)}b${large(" ").slice(4_001)}`,
  smileys: large("😀"),
  dotted: large("İ"),
  sharp: large("ß"),
  words: large("a "),
  lines: `b${large("\r\n").slice(1)}`,
  tags: large("<a>"),
  comments: large("<!--"),
  periods: large(`${"a".repeat(254)}c`),
  needle,
  backwards,
  run: "a".repeat(255),
  pieces: "a".repeat(50_000),
  lists,
  keys,
  list,
  some: list.slice(0, someElements),
  few: Array.from({ length: 60 }, () => ({})),
  object: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, n])),
  element,
  numbers: Array.from({ length: manyElements }, () => 1),
  ligatures: "\ufdfa".repeat(200),
  entities: "&amp;".repeat(50),
  entitled: "&amp;".repeat(6_000),
  brackets: `(${"&amp;".repeat(50)})`,
  unseen: "\u200b".repeat(2_500),
  selectors: `a${"\ufe0f".repeat(5_000)}`,
};
