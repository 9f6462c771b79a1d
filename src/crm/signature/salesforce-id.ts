/** Values of the last three characters of a Salesforce id. */
const suffix = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/**
 * Salesforce shows ids in 15 characters, of which the case counts, and sends them in 18. The last three say which of the 15 are
 * capitals, five of them each, so both name the same record, and an 18 in another case can be restored.
 *
 * @see https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm (ID Field Type)
 * @returns The id in 15 characters; a text that is no such id stays as it is.
 */
export function salesforceId(text: string): string {
  if (!/^[A-Za-z0-9]{18}$/.test(text)) return text;
  const values = [...text.slice(15).toUpperCase()].map((letter) => suffix.indexOf(letter));
  if (values.includes(-1)) return text;
  return [...text.slice(0, 15)]
    .map((letter, index) =>
      ((values[Math.floor(index / 5)] ?? 0) >> (index % 5)) & 1 ? letter.toUpperCase() : letter.toLowerCase(),
    )
    .join("");
}
