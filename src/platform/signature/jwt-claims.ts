/** Types of the claims that RFC 7519 registers. A library checks those only that it compares. */

const isText = (value: unknown) => typeof value === "string";
const isNumericDate = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const isAudience = (value: unknown) => isText(value) || (Array.isArray(value) && value.every(isText));

const checks: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["iss", isText],
  ["sub", isText],
  ["aud", isAudience],
  ["exp", isNumericDate],
  ["nbf", isNumericDate],
  ["iat", isNumericDate],
  ["jti", isText],
]);

/**
 * A registered claim that is there and has another type than its standard's. A list of one text is read as that text by much that
 * compares texts, so that such a token would be good here and of no use elsewhere; a number may be infinite (`1e999`).
 *
 * @returns the claim's name, or `null`
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1
 */
export function claimOfWrongType(payload: Readonly<Record<string, unknown>>): string | null {
  for (const [name, isRight] of checks) if (Object.hasOwn(payload, name) && !isRight(payload[name])) return name;
  return null;
}
