/** A mistake of YAML's syntax is told in words of the file's, with line and column, and never in those of the parser. */
import { describe, expect, it, test } from "vitest";
import { readYaml } from "../../cli/config/document.ts";

/** The first mistake of a file, as `line:column reason`. */
function mistake(text: string): string {
  const read = readYaml(text);
  if (read.ok) throw new Error(`taken: ${JSON.stringify(read.value)}`);
  const [first] = read.mistakes;
  return `${first?.line}:${first?.column} ${first?.reason}`;
}

const inLibrarysWords =
  /YAML\.|parseAll|resolve|token|node|scalar|flow|implicit|mapping|sequence|indicator|tag:yaml|directives-end|collection/i;

describe("a file that is no YAML", () => {
  test.each([
    ["a second document", "a: 1\n---\nb: 2", "2:1 a second document begins here"],
    ["a second document behind an end", "a: 1\n...\nfoo", "3:1 a second document begins here"],
    ["NUL", "a: 1\nb: x\0y", "2:5 holds the invisible character U+0000"],
    ["a bell", "a: \u0007", "1:4 holds the invisible character U+0007"],
    ["a tag of another program", "a: !!js/function x", "1:4 the tag !!js/function cannot be read here"],
    ["a tag of its own", "a: !Secret-sauce x", "1:4 the tag !Secret-sauce cannot be read here"],
    ["a tag that does not fit", "a: !!float x", "1:4 the tag !!float cannot be read here"],
    ["text behind a quoted one", 'a: "x"y', "1:7 y cannot stand here"],
    ["a quote that is not closed", 'a: "x', "1:6 a character is missing here"],
    ["a bracket that is not closed", "a: [1, 2", "1:9 this line's indentation"],
    ["a tab", "a:\n\tb: 1", "2:1 a tab indents nothing"],
    ["two colons on a line", "a: b: c", "1:4 a second `key:` on one line"],
    ["an at sign", "a: @x", "1:4 a text cannot begin with @"],
    ["an unknown escape", 'a: "\\q"', "1:5 \\ is no escape"],
    ["two anchors", "a: &x &y 1", "1:7 a value has at most one anchor"],
    ["two tags", "a: !!str !!int 1", "1:10 a value has at most one tag"],
    ["an alias without a name", "a: *", "1:4 an anchor (&name) or an alias (*name) needs a name"],
    ["an alias with an anchor", "b: &y 1\na: &x *y", "2:7 an alias (*name) has no tag"],
    ["a directive", "%FOO x\n---\na: 1", "1:1 the line %FOO is no directive"],
    ["a key of two lines", "a\nb: 1", "1:1 a key stands on one line"],
    ["a long key", `${"k".repeat(1_100)}: 1`, "1:1 a key has at most 1024"],
    ["a comma too many", "a: [,]", "1:5 , cannot stand here"],
  ])("is told of %s", (_, text, said) => {
    expect(mistake(text)).toContain(said);
    expect(mistake(text)).not.toMatch(inLibrarysWords);
  });

  it("is told nothing of a long value, which may be a secret", () => {
    const secret = "q7Wz3Rk9Lm2Xv8Tn".repeat(4);
    expect(mistake(`a: "x"${secret}`)).not.toContain(secret.slice(0, 30));
  });

  it("is told twenty mistakes at most", () => {
    const read = readYaml("- @x\n".repeat(500));
    expect(read.ok || read.mistakes.length).toBe(20);
  });

  it("takes every character that YAML allows", () => {
    expect(readYaml("a: \u00e9\u0085\u00a0\ud83d\ude00\ufffd\ufeff\r\n")).toMatchObject({ ok: true });
    expect(readYaml('a: "\\u0000"')).toMatchObject({ ok: true, value: { a: "\0" } });
  });
});
