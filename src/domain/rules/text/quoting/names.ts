/**
 * Names that a greeting says without quotation marks. Pure.
 *
 * Rule: a greeting is spoken, so a value is unquoted in it if its field holds names ({@link holdsName}), it has the
 * form of a name ({@link takesName}), and the greeting has room for it ({@link NameBudget}). A short order number
 * (`A-1001`) only needs the room. Inside a loop everything is quoted.
 *
 * The room limits a stranger's unquoted words but does not exclude them: `Refund All Orders Now` has the form of a
 * name. A greeting holds at most five such words. From the third name on, each takes one word more, so three names may
 * have four words, and a fourth name is quoted.
 *
 * A name has at most five words. Hyphens, points, apostrophes, digits and inner capitals separate words, so joined
 * words are counted. From three words on, each begins with a capital or is a particle. Scripts without capitals have
 * less room, because nothing distinguishes a name from a sentence.
 */
import { wordSet, wordsOfField } from "./field-words.ts";

const nameFields = wordSet(`
  name first last given family middle firstname lastname fullname surname forename nickname customer client buyer shopper guest patient
  member contact person recipient requester requestor sender author owner agent assignee user company organization organisation
  business account shop store brand vendor seller merchant supplier source city town country product model plan salutation honorific prefix
  suffix vorname nachname anrede firma kunde stadt prénom nom société entreprise ville nombre apellido apellidos empresa cliente ciudad nome
  cognome sobrenome azienda naam voornaam achternaam bedrijf navn namn fornavn efternavn förnamn efternamn imię nazwisko firma jméno příjmení
  keresztnév név nume prenume isim soyadı ad имя фамилия отчество компания ім'я прізвище όνομα επώνυμο الاسم اسم שם नाम ชื่อ นามสกุล
  이름 성명 성함 성 고객명 회사명 tên họ nama`);

/** Endings of compound field names: `Kundenname`, `会社名`. */
const nameEnds = ["name", "naam", "姓", "名", "名前", "名称", "氏名"];

/**
 * @param path Path of the field, as texts name it: `data.customer.first_name`.
 * @returns Whether it holds names. The last word of its name decides.
 */
export function holdsName(path: string | null): boolean {
  if (path === null || path.endsWith("[*]")) return false;
  const last = wordsOfField(path).at(-1);
  return last !== undefined && (nameFields.has(last) || nameEnds.some((end) => last.endsWith(end)));
}

/** Numbers of words of a name: in total, in lower case, and in capitals. */
type NameCost = { words: number; small: number; capitals: number };

/** Remaining room of a greeting, in words. `names`: values that have used it. */
export type NameBudget = NameCost & { names: number };

/** @returns The room of an empty greeting. */
export function freshNameBudget(): NameBudget {
  return { words: 5, small: 2, capitals: 3, names: 0 };
}

/**
 * Whether a value may be unquoted: it has the form of a name or an order number, and its words fit. If so, the room is
 * reduced.
 */
export function takesName(budget: NameBudget, value: string, isOfNames: boolean): boolean {
  const isCode = codeLike.test(value);
  const cost = isCode ? { words: 1, small: 0, capitals: 0 } : isOfNames ? nameCost(value) : null;
  if (cost === null) return false;
  const words = cost.words + (!isCode && budget.names >= cheapNamesMax ? 1 : 0);
  if (words > budget.words || cost.small > budget.small || cost.capitals > budget.capitals) return false;
  budget.words -= words;
  if (!isCode) budget.names += 1;
  budget.small -= cost.small;
  budget.capitals -= cost.capitals;
  return true;
}

/** A first and a last name. */
const cheapNamesMax = 2;
const nameCharactersMax = 40;
const tokensMax = 6;
const partsMax = 3;
/** Words that are neither particles nor abbreviations. */
const plainWordsMax = 4;
const casedLettersMax = 20;
const uncasedLettersMax = 12;
/** Letters per word in scripts without blanks between words. */
const unpartedLettersMax = 10;
/** Letters of a name in scripts without capitals that separate words by blanks. */
const uncasedNameLettersMax = 18;

/** `A-1001`, `#SO-17`, `INV-2024-001`. */
const codeLike = /^[#№]?(?:[A-Z]{1,4}|[a-z]{1,4})?[-_/]?\d[\d/-]{0,15}[A-Z]?$/;
/** A domain as a whole name, such as `Amazon.com`. */
const domainLike = /^[\p{L}\d]{1,20}(?:-[\p{L}\d]{1,12})?\.(?:com|net|org|io|co|ai|de|fr|es|it|nl|at|ch|uk|eu|shop)$/u;
/** Abbreviations inside a name. After any other word a point ends a sentence. */
const abbreviation =
  /^(?:(?:\p{L}\.){1,3}|(?:Dr|Dra|Mr|Mrs|Ms|Prof|St|Jr|Sr|Sra|Hr|Fr|Mme|Mlle|Ing|Mag|Dipl|Sig|Inc|Ltd|Co|Corp|Bros)\.)$/u;
/** A degree or a legal form after a name and a comma. */
const credential =
  /^(?:Ph\.?D\.?|M\.?D\.?|M\.?A\.?|M\.?Sc\.?|B\.?Sc\.?|MBA|DDS|DVM|RN|CPA|Esq\.?|Jr\.?|Sr\.?|I{2,3}|IV|Inc\.?|LLC|Ltd\.?|GmbH)$/;
const token = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}'’‘׳״・·‧&\p{Join_Control}-]*$/u;
/** Separators inside a word. Modifier letters separate as well, except those that repeat or lengthen a sound. */
const partBreak = /['’‘׳״・·‧&\p{Join_Control}\p{Nd}-]+|(?![ーｰ々〻ゝゞヽヾๆ])\p{Lm}|(?<=\p{Ll})(?=\p{Lu})/u;

/** Particles in lower case, and words for "son of" and "servant of" in scripts without capitals. */
const particles: ReadonlySet<string> = new Set(
  "af al and av bat ben bin d da das de del della den der di do dos du e el en et i ibn la las le los of op ten ter und van vom von y zu zum zur בן בת بن ابن بنت عبد أبو".split(
    " ",
  ),
);

/** @returns The words of a name; null if the value does not have the form of one. */
function nameCost(value: string): NameCost | null {
  const words = value.normalize("NFC");
  if (words.length > nameCharactersMax) return null;
  if (domainLike.test(words)) return { words: 2, small: 0, capitals: 0 };
  const [before = "", after, ...more] = words.split(/,[ \u00a0]/u);
  if (more.length > 0) return null;
  if (after === undefined || credential.test(after)) return costOfTokens(before);
  // Family name first: "Smith, John". Two lower-case words with a comma are a sentence.
  const cost = costOfTokens(`${before} ${after}`);
  const capitals = words.match(/(?<!\S)\p{Lu}/gu)?.length ?? 0;
  return cost?.small === 0 && capitals >= 2 && capitals <= 3 ? cost : null;
}

function costOfTokens(words: string): NameCost | null {
  const tokens = words.split(/[ \u00a0]{1,3}/u);
  if (tokens.length > tokensMax) return null;
  const tally: Tally = {
    cased: 0,
    particles: 0,
    small: 0,
    capitals: 0,
    han: 0,
    katakana: 0,
    uncased: 0,
    letters: 0,
    digits: 0,
  };
  for (const one of tokens) {
    if (abbreviation.test(one)) continue;
    if (one === "&" || one === "+") {
      tally.particles += 1;
      continue;
    }
    const parts = one.split(partBreak).filter((part) => part !== "");
    if (!token.test(one) || parts.length > partsMax) return null;
    if (tokens.length > 2 && /^\p{Ll}/u.test(one) && !particles.has(one)) return null;
    const digits = one.match(/\p{Nd}/gu)?.length ?? 0;
    if (digits > 2) return null;
    tally.digits += digits > 0 ? 1 : 0;
    if (parts.length === 0) tally.cased += 1;
    for (const part of parts) if (!counts(tally, part)) return null;
  }
  if (tally.digits > 1 || tally.cased > plainWordsMax || tally.letters > uncasedNameLettersMax) return null;
  const room = freshNameBudget().words;
  return {
    words:
      tally.cased +
      tally.particles +
      Math.ceil((tally.uncased * room) / 3) +
      Math.ceil((tally.han * room) / 6 + (tally.katakana * room) / 12),
    small: tally.small,
    capitals: tally.capitals,
  };
}

/** Parts of words, by script. `han`, `katakana` and `letters` (other scripts without capitals) count letters. */
type Tally = {
  [What in
    | "cased"
    | "particles"
    | "small"
    | "capitals"
    | "han"
    | "katakana"
    | "uncased"
    | "letters"
    | "digits"]: number;
};

/**
 * Counts a part of a word by its script.
 *
 * @returns Whether it may be part of a name.
 */
function counts(tally: Tally, part: string): boolean {
  const size = (letters: RegExp) => part.match(letters)?.length ?? 0;
  const cased = size(/[\p{Lu}\p{Ll}\p{Lt}]/gu);
  const katakana = size(/[\p{Script=Katakana}ー]/gu);
  const han = size(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}]/gu);
  const others = size(/\p{L}/gu) - cased - katakana - han;
  const isParticle = particles.has(part.toLowerCase());
  tally.katakana += katakana;
  tally.han += han;
  if (cased > 0 && isParticle) tally.particles += 1;
  else if (cased > 0) {
    tally.cased += 1;
    if (cased > 1 && /^\p{Ll}/u.test(part)) tally.small += 1;
    if (cased > 1 && !/\p{Ll}/u.test(part)) tally.capitals += 1;
  }
  if (others > 0 && !isParticle) {
    tally.uncased += 1;
    tally.letters += others;
  }
  const isUnparted = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u.test(part);
  return cased <= casedLettersMax && others <= (isUnparted ? unpartedLettersMax : uncasedLettersMax);
}
