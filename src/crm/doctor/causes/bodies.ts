/** Changes to a signed body by proxies, frameworks and editors. */
import { readJson } from "../../../domain/json.ts";
import { utf8 } from "../../../platform/bytes.ts";
import type { BodyChange } from "../findings.ts";
import type { Axis } from "../trial.ts";

export const otherBodies: Axis = function* otherBodies(_patient, base) {
  const { recipe, request } = base;
  if (recipe.family === "secret" || recipe.family === "jwt") return;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(request.body);
  const tried = new Set<string>([text]);
  for (const [how, other] of variantsOf(text)) {
    if (tried.has(other)) continue;
    tried.add(other);
    yield { ...base, request: { ...request, body: utf8(other) }, findings: [...base.findings, { kind: "body", how }] };
  }
};

function* variantsOf(text: string): Iterable<readonly [BodyChange, string]> {
  if (text.startsWith("\uFEFF")) yield ["bom_added", text.slice(1)];
  else yield ["bom_lost", `\uFEFF${text}`];
  if (/\r?\n$/.test(text)) yield ["newline_added", text.replace(/\r?\n$/, "")];
  yield ["trimmed", trimmed(text)];
  yield ["newline_lost", `${text}\n`];
  yield ["newline_lost", `${text}\r\n`];
  if (text.includes("\r\n")) yield ["lf", text.replaceAll("\r\n", "\n")];
  yield ["crlf", text.replace(/\r?\n/g, "\r\n")];
  // Only JSON of bounded depth is rewritten. Serializing a deeper value would overflow the stack.
  if (readJson(text).ok) for (const written of rewritten(text)) yield ["json_rewritten", written];
  yield ["body_lost", ""];
}

/**
 * Trims JSON's white space. `trim` would also remove a byte order mark, and a regular expression could backtrack over a
 * long run.
 */
function trimmed(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}

/** The JSON as common libraries serialize it: compact, indented by two or four spaces, and as Python and PHP do. */
function* rewritten(text: string): Iterable<string> {
  const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
  const compact = JSON.stringify(value);
  yield compact;
  for (const spaces of [2, 4]) {
    const spread = JSON.stringify(value, null, spaces);
    yield spread;
    yield `${spread}\n`;
  }
  const spaced = withSpaces(compact);
  yield spaced;
  yield escaped(spaced);
  yield escaped(compact);
  yield escaped(compact.replaceAll("/", "\\/"));
  yield compact.replaceAll("/", "\\/");
}

/** Adds a space after each comma and colon outside of strings. */
function withSpaces(compact: string): string {
  return compact.replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (part) => (part === "," || part === ":" ? `${part} ` : part));
}

function escaped(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
