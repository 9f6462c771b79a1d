/** The words of a field's name, which say what its values are. Pure. */

/** Words that say how a value is written, after the word that says what it is. */
const formWords: ReadonlySet<string> = new Set(
  "value values formatted rendered raw plain html markdown kana latin optional display".split(" "),
);

/** Words of a name: parted by signs, digits and the capitals within it: `HTMLBody` is `HTML` and `Body`. */
const nameWords = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Mc}]+/gu;

/** An id at the end of a name, as monday.com's columns have: `long_text_mkp1abcd`. */
const trailingId = /_(?=[a-z\d]*\d)(?=[a-z\d]*[a-z])[a-z\d]{4,}$/i;

/** Small letters without accents, as field names are compared. */
function folded(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/\p{Mn}/gu, "")
    .normalize("NFC")
    .toLowerCase();
}

/** A set of words as {@link wordsOfField} gives them. */
export function wordSet(words: string): ReadonlySet<string> {
  return new Set(folded(words).split(/\s+/));
}

/**
 * The words of the last name in a path that says something. Passed over are words of form, single letters (Salesforce's `__c`), ids and, behind
 * another word, language codes (`note.en`, `name_de`). A name of such words alone gives way to the one before it: `comment.value`.
 *
 * @param path of the field, as texts name it: `data.items[].title`
 */
export function wordsOfField(path: string): string[] {
  const names = path.match(/"(?:\\.|[^"\\])*"|[^.[\]"]+/g) ?? [];
  for (const name of names.toReversed()) {
    const plain = name
      .normalize("NFD")
      .replaceAll(/\p{Mn}/gu, "")
      .normalize("NFC")
      .replace(trailingId, "");
    const words = (plain.match(nameWords) ?? []).map((word) => word.toLowerCase());
    const saying = words.filter((word) => !formWords.has(word) && !/^[a-z]$/.test(word));
    while (saying.length > 0 && isLanguageCode(saying.at(-1) ?? "")) saying.pop();
    if (saying.length > 0) return saying;
  }
  return [];
}

/** Two letters that are no word of their own in a field's name. */
function isLanguageCode(word: string): boolean {
  return /^[a-z]{2}$/.test(word) && !["id", "by", "at", "to", "no", "nr"].includes(word);
}
