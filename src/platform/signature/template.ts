/** Templates of signed texts: constant bytes, and tokens in braces that stand for a value of the request. */
import { concatBytes, utf8 } from "../bytes.ts";

/** A parsed template: tokens by name, everything else as bytes. */
export type Template<Token extends string> = readonly (Uint8Array | Token)[];

/**
 * @param text The template, such as `v0:{timestamp}:{body}`.
 * @param tokens Names that count as tokens: words of letters. Any other name in braces is text.
 */
export function parseTemplate<Token extends string>(text: string, tokens: readonly Token[]): Template<Token> {
  return text
    .split(new RegExp(`\\{(${tokens.join("|")})\\}`))
    .map((part, at) => (at % 2 === 0 ? utf8(part) : (tokens.find((name) => name === part) ?? utf8(""))))
    .filter((piece) => piece.length > 0);
}

/**
 * @param bytesOf Returns the bytes of a token.
 * @returns The signed bytes. If the template is a single token, they are its value itself, not a copy.
 */
export function fillTemplate<Token extends string>(
  template: Template<Token>,
  bytesOf: (token: Token) => Uint8Array,
): Uint8Array {
  const parts = template.map((piece) => (typeof piece === "string" ? bytesOf(piece) : piece));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : concatBytes(parts);
}
