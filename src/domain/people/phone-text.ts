/**
 * Strips everything around the number in a phone field: labels, schemes, quotation marks, invisible marks, an
 * extension's label without an extension. The remaining digits are those that were written, in their order. Pure.
 */

/** The number's own text. `lostPlus`: a mark is in the place of a plus. */
export type NumberText = { readonly ok: true; readonly text: string; readonly lostPlus: boolean };

/** Longest text that is examined, longer than any number with its labels. It bounds the regular expressions. */
const numberCharactersMax = 64;

/** Invisible marks: format characters, variation selectors, fillers, controls other than white space. */
const invisible = /\p{Cf}|\p{Variation_Selector}|[\u115f\u1160\u3164\uffa0]|(?!\s)\p{Cc}/gu;
/** Marks that a spreadsheet or a mail program adds around a number. */
const wrappedText = /^(?:'(.*?)'?|=?"(.*)"|<(.*)>|\[(.*)\])$/;
const phoneUri = /^(?:tel|callto|sms|whatsapp):\/{0,2}/i;

const labelWords = [
  "tel|telephone|téléphone|tél|teléfono|telefono|telefone|telefon|phone|ph|mobile|mob|mobil|móvil|movil|mobiltelefon|portable",
  "handynummer|telefonnummer|mobilnummer|mobilfunknummer|rufnummer|festnetz|festnetznummer|handynr|telefoonnummer|mobiel|puhelin|matkapuhelin",
  "numéro de téléphone|número de teléfono|número de telefone|numero di telefono|numer telefonu|číslo|numéro|numero|telefonszám|hp|sđt|điện thoại",
  "cell|cellphone|cel|celular|cellulare|handy|gsm|whatsapp|home|work|office|business|main|direct|daytime|evening|primary|contact",
  "тел|телефон|моб|мобильный|手机|电话|電話|携帯|טלפון|נייד|هاتف|جوال",
].join("|");
const label = `(?:${labelWords})(?![\\p{L}])`;
const leadingLabel = new RegExp(
  `^(?:\\p{Extended_Pictographic}|${label}(?:[\\s._-]*${label}){0,2}(?:[\\s._-]*(?:number|no|nr|num|número)\\b)?|[tmp](?=[.:]))\\s*[.:：#=]{0,2}\\s*`,
  "iu",
);
/** A label with a note: `Telefon (privat): `. */
const notedLabel = new RegExp(`^${label}\\s*\\((\\p{L}[^()]*)\\)\\s*[.:：#=]{0,2}\\s*(?=[+(\\d])`, "iu");
const trailingLabel = new RegExp(`[\\s,-]+${label}\\.?$`, "iu");
/**
 * A note in brackets at the end, and the accepted notes, which name the owner or kind of number. Any other note may say
 * not to call it.
 */
const trailingNote = /\s*\((\p{L}[^()]*)\)$/u;
const kin =
  "mother|mum|mom|father|dad|wife|husband|partner|spouse|son|daughter|brother|sister|parent|parents|mutter|vater|frau|mann|sohn|tochter";
const knownNote = new RegExp(
  `^(?:${label}|(?:alt|alternate|secondary|landline|cell|mobile|work|home|private|personal|privat|geschäftlich|dienstlich|zentrale|büro|arbeit|bureau|domicile|oficina|casa|${kin})(?!\\p{L})|[\\s./,&-])+$`,
  "iu",
);

/** The label of an extension without an extension. */
const emptyExtension = /(?:[\s,;-]*(?:(?<!\p{L})(?:x|ext|extn|extension|ramal|anexo|int|доб)|;ext=|#)[\s.:]*)+$/iu;

/**
 * @param raw Content of the field.
 * @returns The number's own text, or the reason why the field cannot contain exactly one number.
 */
export function numberText(raw: string): NumberText | { readonly ok: false; readonly detail: string } {
  const trimmed = raw.trim();
  if (trimmed === "") return no("is empty");
  if (trimmed.length > numberCharactersMax) return no(`is longer than ${numberCharactersMax} characters`);
  if (/[\r\n\u2028\u2029]/.test(trimmed)) return no("has more than one line");
  const unsigned = asciiDigits(trimmed.replace(invisible, ""));
  const note = trailingNote.exec(unsigned)?.[1];
  if (note !== undefined && !knownNote.test(note)) return no("is marked as do-not-call");
  const bare = withoutLabels(note === undefined ? unsigned : unsigned.replace(trailingNote, ""));
  const written = asNumberOfSheet(bare);
  if (written === null) return no("is a number of a spreadsheet that has lost digits");
  // Right-to-left text moves a plus to the end.
  const [, moved] = /^([1-9][\d\s().-]*)\+$/.exec(written) ?? [];
  const lostPlus = moved !== undefined;
  return { ok: true, text: plainPrefix(moved ?? written).replace(/\+$/, ""), lostPlus };
}

function no(detail: string): { readonly ok: false; readonly detail: string } {
  return { ok: false, detail };
}

/**
 * Removes everything that is not part of the number: a scheme, labels, surrounding marks, an extension's label without
 * an extension.
 */
function withoutLabels(raw: string): string {
  let text = unwrapped(
    raw
      .replace(/[\s·_]+/gu, " ")
      .replaceAll("＋", "+")
      .trim(),
  ).trim();
  if (phoneUri.test(text)) {
    text = text.replace(/%(2B|20|28|29|2D)/gi, (escaped) => decodeURIComponent(escaped));
    // libphonenumber reads a local number with its `phone-context` (RFC 3966). Other parameters are not dialled.
    if (/;phone-context=/i.test(text)) return text.replace(phoneUri, "tel:");
    text = text.replace(phoneUri, "").replace(/;(?!ext=)[a-z-]+(?:=[^;]*)?/gi, "");
  }
  return text
    .trim()
    .replace(notedLabel, (whole, note: string) => (knownNote.test(note) ? "" : whole))
    .replace(leadingLabel, "")
    .replace(trailingLabel, "")
    .replace(/^[\s,;:|]+/, "")
    .replace(emptyExtension, "")
    .replace(/[\s,;:.|/-]+$/, "");
}

/**
 * Unifies notations of a calling code: `(+44)`, `+(44)`, `++44`, `+0044`, and the code of a form before a complete
 * number.
 */
function plainPrefix(text: string): string {
  return (
    text
      .replace(/^\(\s*(\+\s*\d{1,3})\s*\)/, "$1 ")
      .replace(/^\+[\s+]*(?:00)?\s*/, "+")
      // A form added a calling code to a number that has its own.
      .replace(/^(?:\+|00)?\s*\(?\d{1,3}\)?[\s.-]*\(?\+\s*(?=\d)/, "+")
      .replace(/^(?:\+|00)\s*\(?(\d{1,3})\)?[\s.-]+\(?00\s*(?=\1)/, "+")
      // Brazil: xx is a placeholder for the carrier that the caller chooses.
      .replace(/^\(?0xx\s?(\d\d)\)?/i, "0$1 ")
  );
}

/**
 * A number in a spreadsheet's notation: `4155550100.0`, `1.4155550123E10`, `4,155,550,100`. Read only if no digit was
 * lost.
 *
 * @returns The digits; another text unchanged; null if digits were lost, or if there is a fraction.
 */
function asNumberOfSheet(text: string): string | null {
  const [, whole, fraction] = /^(\d{7,})[.,](\d{1,2})$/.exec(text) ?? [];
  if (whole !== undefined) return /^0+$/.test(fraction ?? "") ? whole : null;
  const [, first, rest, exponent] = /^(\d)[.,](\d+)e\+?(\d{1,2})$/i.exec(text) ?? [];
  if (first !== undefined && rest !== undefined) return rest.length === Number(exponent) ? first + rest : null;
  return /^[1-9]\d{0,2}(?:,\d{3}){2,4}$/.test(text) ? text.replaceAll(",", "") : text;
}

function unwrapped(text: string): string {
  const [, ...inner] = wrappedText.exec(text) ?? [];
  return inner.find((found) => found !== undefined) ?? text;
}

/** Unicode guarantees that the digits of a script are consecutive, so the distance from zero is a digit's value. */
function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    if (digit >= "0" && digit <= "9") return digit;
    const code = digit.codePointAt(0) ?? 0;
    let distance = 0;
    while (distance < 100 && /\p{Nd}/u.test(String.fromCodePoint(code - distance - 1))) distance++;
    return String(distance % 10);
  });
}
