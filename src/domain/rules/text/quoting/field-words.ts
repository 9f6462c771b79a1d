/** The words of a field's name, which suggest the kind of its values. Pure. */

/** Words for the form of a value, after the word for its meaning. */
const formWords: ReadonlySet<string> = new Set(
  "value values formatted rendered raw plain html markdown kana latin optional display".split(" "),
);

/** Words of a name, separated by signs, digits and capitals: `HTMLBody` is `HTML` and `Body`. */
const nameWords = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Mc}]+/gu;

/** An id at the end of a name, as in monday.com's columns: `long_text_mkp1abcd`. */
const trailingId = /_(?=[a-z\d]*\d)(?=[a-z\d]*[a-z])[a-z\d]{4,}$/i;

/** Lower case without accents, for comparing field names. */
function folded(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/\p{Mn}/gu, "")
    .normalize("NFC")
    .toLowerCase();
}

/** A set of words in the form of {@link wordsOfField}. */
export function wordSet(words: string): ReadonlySet<string> {
  return new Set(folded(words).split(/\s+/));
}

/**
 * @param path Path of the field, as texts name it: `data.items[].title`.
 * @returns The words of the last meaningful name in a path. Words for a form, single letters (Salesforce's `__c`), ids,
 *   and language codes after another word (`note.en`, `name_de`) are skipped. A name of only such words is replaced by
 *   the name before it: `comment.value`.
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

/** Whether a word is a language code, as in `note_en`: two letters, except short words that fields' names have. */
function isLanguageCode(word: string): boolean {
  return /^[a-z]{2}$/.test(word) && !["id", "by", "at", "to", "no", "nr"].includes(word);
}
