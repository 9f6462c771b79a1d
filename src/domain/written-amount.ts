/**
 * Amounts as people and shops write them: `"1,299.00"`, `"1.299,00"`, `"$1,299"`, `"CHF 1’299.50"`, `"1 299,00 €"`.
 * Pure.
 *
 * Rules:
 * - Of two different separators, the last is the decimal one. The other groups digits, by threes or by India's twos.
 * - A separator that occurs several times groups digits.
 * - A separator that occurs once is the decimal one, unless exactly three digits follow it and one to three precede it.
 *   Then a comma groups digits. A point groups digits only beside a currency, whose amounts have two decimals. A bare
 *   "1.299" may be 1.299 or 1299 and is not read.
 * - A currency (a sign, or a code of ISO 4217) may precede or follow. A minus may be on either side, and brackets mean
 *   a minus.
 * - Any other letter or sign makes the text no amount: "12 pieces", "12%", "1.2.3".
 *
 * Digits of other scripts (Arabic, Persian, Devanagari, full width) count as digits.
 */

/** The longest amount that is read. */
const amountCharactersMax = 64;

type ReadAmount =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly reason: "not_a_number" | "two_readings" };

const noNumber = { ok: false, reason: "not_a_number" } as const;

/** Currency signs that are or contain letters. The runtime knows the codes of ISO 4217. */
const currencyWords: ReadonlySet<string> = new Set(
  "r kr kr. zł kč ft rs rs. fr fr. sfr sfr. lei din din. tl р р. руб руб. лв лв. грн грн. us a au c ca nz hk s r mx rm rp s/ s/. b/. 元 円 원".split(
    " ",
  ),
);

/** Currencies with three decimals. */
const threeDecimals: ReadonlySet<string> = new Set(["bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"]);

/** Created at the first look-up of a code. */
let currencyCodes: ReadonlySet<string> | null = null;

const plain = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/iu;

/**
 * Reads an amount.
 *
 * @param decimal The decimal separator, if it is known. The other of comma and point then groups digits.
 */
export function readAmount(text: string, decimal: "." | "," | null = null): ReadAmount {
  if (text.length > amountCharactersMax) return noNumber;
  const compatible = text.normalize("NFKC");
  // Normalization (NFKC) can turn one character into eighteen.
  if (compatible.length > amountCharactersMax * 2) return noNumber;
  const written = asciiDigits(compatible)
    .replaceAll(/[\u2212\u2012\u2013]/gu, "-")
    .replaceAll(/[’‘ʼ`´٬]/gu, "'")
    .replaceAll("٫", ".")
    .replaceAll(/\s+/gu, " ")
    .trim();
  const bracketed = /^\((.+)\)$/u.exec(written)?.[1]?.trim();
  const parts = /^(\D*?)((?:(?<!\p{L})[.,])?\d(?:[\d.,' ]*\d)?)(\D*)$/u.exec(bracketed ?? written);
  if (parts === null) return noNumber;
  const [, before = "", digits = "", after = ""] = parts;
  // "1.299,-", "1299.-", "1299:-" and "1,299/-" have no cents. Only amounts of money are written so.
  const uncent = after.replace(/^(?:[.,](?:-+|—)|[:/][-=])/u, "");
  const around = `${before} ${uncent}`;
  const signs = around.replaceAll(/[^+-]/gu, "");
  const currency = around.replaceAll(/[+-]/gu, " ").trim().toLowerCase();
  if (signs.length > 1 || (bracketed !== undefined && signs !== "") || !isCurrency(currency)) return noNumber;
  const money = currency !== "" || uncent !== after ? (threeDecimals.has(currency) ? "thousandths" : "cents") : "none";
  const size = sizeOf(digits, decimal, money);
  if (typeof size !== "number") return size;
  return { ok: true, value: signs === "-" || bracketed !== undefined ? -size : size };
}

/**
 * Reads a number in the notation of programs: "1299.00", "-3", ".5", "1e3".
 *
 * @returns NaN for any other text.
 */
export function readPlainNumber(text: string): number {
  return text.length <= amountCharactersMax && plain.test(text) ? Number(text) : Number.NaN;
}

/** Kind of an amount, as far as its text shows: no money, cents, or thousandths. */
type Money = "none" | "cents" | "thousandths";

function sizeOf(digits: string, decimal: "." | "," | null, money: Money): number | ReadAmount {
  const signs = digits.replaceAll(/\d/gu, "");
  const last = signs.at(-1) ?? "";
  const first = signs.charAt(0);
  if (signs === "") return Number(digits);
  const point = decimal ?? decimalSign(digits, signs, money);
  if (point === null) return { ok: false, reason: "two_readings" };
  const [whole = "", cents, ...rest] = point === "" ? [digits] : digits.split(point);
  // A grouping separator differs from the decimal one, and all grouping separators are equal.
  const grouping = whole.replaceAll(/\d/gu, "");
  if (rest.length > 0 || (cents !== undefined && !/^\d+$/u.test(cents))) return noNumber;
  if (grouping !== "" && !isGrouped(whole, grouping.charAt(0))) return noNumber;
  if (point === "" && last !== first) return noNumber;
  return Number(`${whole.replaceAll(/\D/gu, "")}.${cents ?? ""}`);
}

/** @returns The decimal separator; empty if the amount has no separator; null if it is ambiguous. */
function decimalSign(digits: string, signs: string, money: Money): string | null {
  const last = signs.at(-1) ?? "";
  if (last === " " || last === "'") return "";
  if (signs.length > 1) return signs.lastIndexOf(last) === signs.indexOf(last) ? last : "";
  if (!/^[1-9]\d{0,2}[.,]\d{3}$/u.test(digits)) return last;
  if (money === "thousandths" || (last === "." && money === "none")) return null;
  return "";
}

function isGrouped(whole: string, sign: string): boolean {
  const groups = whole.split(sign);
  if (groups.some((group) => !/^\d+$/u.test(group))) return false;
  const [head = "", ...tail] = groups;
  if (head.length <= 3 && tail.every((group) => group.length === 3)) return true;
  return (
    sign === "," &&
    head.length <= 2 &&
    tail.at(-1)?.length === 3 &&
    tail.slice(0, -1).every((group) => group.length === 2)
  );
}

function isCurrency(word: string): boolean {
  if (word === "" || currencyWords.has(word)) return true;
  const letters = word.replace(/\p{Sc}/u, "").trim();
  if (letters !== word && (letters === "" || currencyWords.has(letters))) return true;
  currencyCodes ??= new Set(Intl.supportedValuesOf("currency").map((code) => code.toLowerCase()));
  return currencyCodes.has(letters);
}

/** Zeros of scripts whose ten digits are consecutive code points. */
const zeros = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50] as const;

function asciiDigits(text: string): string {
  return text.replaceAll(/[^\p{ASCII}]/gu, (sign) => {
    const point = sign.codePointAt(0) ?? 0;
    const zero = zeros.find((first) => point >= first && point <= first + 9);
    return zero === undefined ? sign : String(point - zero);
  });
}
