/**
 * Strips a phone field of everything around its number: labels, schemes, quotes, invisible marks, an extension's label without an
 * extension. The digits that remain are those that were written, in their order. Pure.
 */

/** The number's own text; `lostPlus`: a mark stands where a plus was. */
export type NumberText = { readonly ok: true; readonly text: string; readonly lostPlus: boolean };

/** Longer than any number with every ornament; regular expressions see nothing longer. */
const numberCharactersMax = 64;

/** Invisible marks: format characters, variation selectors, fillers, controls that are no space. */
const invisible = /\p{Cf}|\p{Variation_Selector}|[\u115f\u1160\u3164\uffa0]|(?!\s)\p{Cc}/gu;
/** Marks that a spreadsheet or a mail program puts around a number. */
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
/** A note in brackets at the end, and the notes that say whose or which number it is. Every other note may say not to ring it. */
const trailingNote = /\s*\((\p{L}[^()]*)\)$/u;
const kin =
  "mother|mum|mom|father|dad|wife|husband|partner|spouse|son|daughter|brother|sister|parent|parents|mutter|vater|frau|mann|sohn|tochter";
const knownNote = new RegExp(
  `^(?:${label}|(?:alt|alternate|secondary|landline|cell|mobile|work|home|private|personal|privat|geschäftlich|dienstlich|zentrale|büro|arbeit|bureau|domicile|oficina|casa|${kin})(?!\\p{L})|[\\s./,&-])+$`,
  "iu",
);

/** The label of an extension, with nothing behind it. */
const emptyExtension = /(?:[\s,;-]*(?:(?<!\p{L})(?:x|ext|extn|extension|ramal|anexo|int|доб)|;ext=|#)[\s.:]*)+$/iu;

/**
 * @param raw as the field holds it
 * @returns the number's own text, or why the field cannot hold one number
 */
export function numberText(raw: string): NumberText | { readonly ok: false; readonly detail: string } {
  const trimmed = raw.trim();
  if (trimmed === "") return no("is empty");
  if (trimmed.length > numberCharactersMax) return no(`is longer than ${numberCharactersMax} characters`);
  if (/[\r\n\u2028\u2029]/.test(trimmed)) return no("has more than one line");
  const unsigned = asciiDigits(trimmed.replace(invisible, ""));
  const note = trailingNote.exec(unsigned)?.[1];
  if (note !== undefined && !knownNote.test(note)) return no("is marked as one that is not to be rung");
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

/** Removes what is no part of the number: a scheme, labels, marks around it, an extension's label without an extension. */
function withoutLabels(raw: string): string {
  let text = unwrapped(
    raw
      .replace(/[\s·_]+/gu, " ")
      .replaceAll("＋", "+")
      .trim(),
  ).trim();
  if (phoneUri.test(text)) {
    text = text.replace(/%(2B|20|28|29|2D)/gi, (escaped) => decodeURIComponent(escaped));
    // A local number with its context is RFC 3966's business, which libphonenumber reads; other parameters do not dial.
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

/** One form for the ways to write a calling code: `(+44)`, `+(44)`, `++44`, `+0044`, and the code of a form before a whole number. */
function plainPrefix(text: string): string {
  return (
    text
      .replace(/^\(\s*(\+\s*\d{1,3})\s*\)/, "$1 ")
      .replace(/^\+[\s+]*(?:00)?\s*/, "+")
      // A form wrote a code before a number that has its own.
      .replace(/^(?:\+|00)?\s*\(?\d{1,3}\)?[\s.-]*\(?\+\s*(?=\d)/, "+")
      .replace(/^(?:\+|00)\s*\(?(\d{1,3})\)?[\s.-]+\(?00\s*(?=\1)/, "+")
      // Brazil: xx stands for the carrier that one chooses.
      .replace(/^\(?0xx\s?(\d\d)\)?/i, "0$1 ")
  );
}

/**
 * A number as a spreadsheet writes it: `4155550100.0`, `1.4155550123E10`, `4,155,550,100`. Read only if every digit is there.
 *
 * @returns the digits; another text unchanged; `null` if digits were lost, or a fraction is no part of a number
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

/** Digits of one script stand in a row from zero to nine (a promise of Unicode), so a digit's value is its distance. */
function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => {
    if (digit >= "0" && digit <= "9") return digit;
    const code = digit.codePointAt(0) ?? 0;
    let distance = 0;
    while (distance < 100 && /\p{Nd}/u.test(String.fromCodePoint(code - distance - 1))) distance++;
    return String(distance % 10);
  });
}
