/** Types of the claims registered by RFC 7519. A library checks only the types of claims that it compares. */

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
 * Finds a registered claim of the wrong type. Many libraries read a list of one text as that text, so without this
 * check such a token would be valid here and rejected elsewhere. A number may even be infinite (`1e999`).
 *
 * @returns The claim's name, or null.
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4.1
 */
export function claimOfWrongType(payload: Readonly<Record<string, unknown>>): string | null {
  for (const [name, isRight] of checks) if (Object.hasOwn(payload, name) && !isRight(payload[name])) return name;
  return null;
}
