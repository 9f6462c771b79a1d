/** Compares the output that a document shows with the output of a run. */

/** `…` in a line stands for any text; a line that is only `…` for any number of lines. CONTRIBUTING.md says so to writers. */
const anyText = "…";

/**
 * Whether an output is the one that a document shows. Blanks at the ends of lines, and empty lines at the end, do not count.
 *
 * @param shown the lines of the document
 */
export function showsOutput(shown: readonly string[], output: string): boolean {
  const pattern = shown.map((line) =>
    line.trim() === anyText ? "(?:[^\\n]*\\n)*" : `${line.trimEnd().split(anyText).map(literal).join("[^\\n]*")}\\n`,
  );
  const lines = output.split("\n").map((line) => line.trimEnd());
  return new RegExp(`^${pattern.join("")}\\n*$`).test(`${lines.join("\n").replace(/\n+$/, "")}\n`);
}

/**
 * The fields that a document shows of a JSON answer and that the answer does not have. An answer may have more fields and, at the end
 * of a list, more elements. `…` in a text stands for any text.
 *
 * @returns paths with the two values; empty if the answer is the one that is shown
 */
export function jsonDifferences(shown: unknown, actual: unknown, path = "$"): string[] {
  if (Array.isArray(shown) && Array.isArray(actual))
    return shown.flatMap((value, at) => jsonDifferences(value, actual[at], `${path}[${at}]`));
  if (isObject(shown) && isObject(actual))
    return Object.entries(shown).flatMap(([name, value]) => jsonDifferences(value, actual[name], `${path}.${name}`));
  const same =
    typeof shown === "string" && typeof actual === "string" ? showsOutput([shown], actual) : shown === actual;
  return same ? [] : [`${path}: shown ${JSON.stringify(shown)}, is ${JSON.stringify(actual)}`];
}

/** The JSON at the end of an output; undefined if there is none. */
export function jsonAtEnd(output: string): unknown {
  const begin = Math.max(...[...output.matchAll(/^[{[]/gm)].map(({ index }) => index), -1);
  // A pretty-printed value has lines that begin with a bracket only at its end.
  try {
    return begin === -1 ? undefined : JSON.parse(output.slice(begin));
  } catch {
    return undefined;
  }
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
