/**
 * A JSON text with line breaks and indents. Its tokens stay as they came: parsing would round long numbers and drop
 * repeated keys.
 *
 * @returns The unchanged text if it is no JSON.
 */
export function indented(text: string): string {
  if (!isJson(text)) return text;
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  return text.replace(tokens, (token) => {
    if (/^\s/.test(token)) return "";
    if (/^[[{]\s*[\]}]$/.test(token)) return token.replace(/\s/g, "");
    if (token === "{" || token === "[") depth += 1;
    if (token === "}" || token === "]") depth -= 1;
    if (token === "}" || token === "]") return line() + token;
    if (token === ":") return ": ";
    return token === "{" || token === "[" || token === "," ? token + line() : token;
  });
}

/** Strings, empty objects and lists, marks, blanks. Everything between them is a number or a word. */
const tokens = /"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|\s+/g;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
