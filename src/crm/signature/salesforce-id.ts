/** Characters of the checksum at the end of an 18-character id. Each encodes five bits. */
const suffix = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/**
 * Reduces a Salesforce id to its 15-character form. Salesforce shows ids in 15 case-sensitive characters and sends them
 * in 18. The three extra characters encode which of the 15 are capitals, so the case can be restored even if it was
 * lost on the way.
 *
 * @returns The id in 15 characters. A text that is no 18-character id is returned unchanged.
 * @see https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm (ID
 * Field Type)
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
