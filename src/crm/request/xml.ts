/**
 * XML bodies as JSON values.
 *
 * Refused: a document type declaration, and with it external entities and entity expansion (OWASP ASVS 5.0, 1.5.1);
 * over 50,000 elements; nesting beyond the limit for JSON. Depth and number are counted without recursion before the
 * parser runs.
 *
 * Not guaranteed: validity. There is no schema, and namespaces are dropped.
 */

import { parseXml, XmlElement, XmlError, XmlText } from "@rgrove/parse-xml";
import { type JsonValue, jsonDepthMax } from "../../domain/json.ts";
import type { UnreadBody } from "./unread-body.ts";

/**
 * Elements of a document: a hundred notifications with five hundred fields. Each element takes some hundred bytes of
 * memory.
 */
const xmlElementsMax = 50_000;

/** Characters that XML forbids, written literally or as a reference: NUL, controls, surrogates. */
const forbidden = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\p{Cs}\ufffe\uffff]/u;
const forbiddenAll = new RegExp(forbidden, "gu");
const reference = /&#(?:x([\da-f]{1,8})|(\d{1,10}));/gi;

/**
 * Parses a document.
 *
 * - An element becomes an object of its attributes (`@name`) and child elements. Text beside them is stored under
 *   `#text`.
 * - An element of text alone becomes that text.
 * - A repeated element becomes an array.
 * - Namespace prefixes and declarations are dropped. `xsi:nil="true"` becomes null.
 * - A forbidden control character becomes U+FFFD instead of an error, because customers paste such characters into
 *   tickets.
 */
export function readXml(body: string): { readonly ok: true; readonly value: JsonValue } | UnreadBody {
  const text = replaceForbidden(body);
  const refusal = limitExceeded(text);
  if (refusal !== null) return refusal;
  try {
    const { root } = parseXml(text);
    if (root === null) return { ok: false, reason: "not_xml", detail: "has no element" };
    return { ok: true, value: Object.fromEntries([[localName(root.name), elementValue(root)]]) };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    // The parser's own message quotes the document, which contains customers' texts.
    return { ok: false, reason: "not_xml", detail: `not XML at line ${error.line}, column ${error.column}` };
  }
}

function replaceForbidden(text: string): string {
  const replaced = forbidden.test(text) ? text.replace(forbiddenAll, "\ufffd") : text;
  if (!replaced.includes("&#")) return replaced;
  return replaced.replace(reference, (whole, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0x10ffff || forbidden.test(String.fromCodePoint(code)) ? "\ufffd" : whole;
  });
}

/**
 * Counts depth and elements by following the tags as the parser does. Malformed input may end the count early, but the
 * parser then fails.
 */
function limitExceeded(text: string): UnreadBody | null {
  let depth = 0;
  let elements = 0;
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    if (text.startsWith("<!--", at)) at = after(text, "-->", at + 4);
    else if (text.startsWith("<![CDATA[", at)) at = after(text, "]]>", at + 9);
    else if (text.startsWith("<?", at)) at = after(text, "?>", at + 2);
    else if (text.startsWith("<!", at))
      return { ok: false, reason: "not_xml", detail: "has a document type, which is refused" };
    else if (text.startsWith("</", at)) {
      depth--;
      at = after(text, ">", at + 2);
    } else {
      if (++elements > xmlElementsMax)
        return { ok: false, reason: "too_many_fields", detail: `XML may have ${xmlElementsMax} elements` };
      if (++depth > jsonDepthMax)
        return { ok: false, reason: "too_deep", detail: `nested over ${jsonDepthMax} levels` };
      at = endOfTag(text, at + 1);
      if (text[at - 2] === "/") depth--;
    }
  }
  return null;
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found === -1 ? text.length : found + end.length;
}

/** Finds the end of a tag. A `>` inside a quoted attribute does not end it. */
function endOfTag(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === ">") return at + 1;
    if (character === '"' || character === "'") at = after(text, character, at + 1) - 1;
  }
  return text.length;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** Recursion is safe: `limitExceeded` checked the depth. */
function elementValue(element: XmlElement): JsonValue {
  const fields = new Map<string, JsonValue[]>();
  const add = (name: string, value: JsonValue): void => {
    const list = fields.get(name);
    if (list === undefined) fields.set(name, [value]);
    else list.push(value);
  };
  for (const [name, value] of Object.entries(element.attributes)) {
    if (name === "xmlns" || name.startsWith("xmlns:")) continue;
    if (name.endsWith(":nil") && (value === "true" || value === "1")) return null;
    add(`@${localName(name)}`, value);
  }
  let text = "";
  for (const child of element.children) {
    if (child instanceof XmlElement) add(localName(child.name), elementValue(child));
    else if (child instanceof XmlText) text += child.text;
  }
  if (fields.size === 0) return text;
  if (text.trim() !== "") add("#text", text.trim());
  // `fromEntries` defines properties instead of assigning them, so `__proto__` cannot change a prototype.
  return Object.fromEntries([...fields].map(([name, values]) => [name, onlyOf(values)]));
}

function onlyOf(values: readonly JsonValue[]): JsonValue {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : [...values];
}
