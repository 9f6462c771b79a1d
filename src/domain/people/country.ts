/**
 * Countries as senders write them, read to ISO 3166 with two letters.
 *
 * Read are: the two or three letters of ISO 3166-1, in any case; its three digits, unless they are a calling code as well (372 is Ireland, and
 * Estonia's calling code); a flag; a name in one of the languages below, by CLDR and by ISO; a name with its code (`United States (US)`,
 * `US - United States`). A name of two countries is none, and so is any other text: nothing is guessed. Pure.
 *
 * @see https://www.iso.org/iso-3166-country-codes.html
 * @see https://cldr.unicode.org/translation/displaynames/countryregion-territory-names
 */
import { iso31661 } from "iso-3166/1.js";
import { getCountries, getCountryCallingCode, isSupportedCountry } from "libphonenumber-js/max";

/** Whether a country (ISO 3166, two letters, upper case) has phone numbers of its own. */
export function hasNumbers(country: string): boolean {
  return isSupportedCountry(country);
}

/** Longer than the longest name of a country with its code. */
const countryCharactersMax = 80;

/** Languages whose names of countries are read; the first that knows a name decides. */
const languages = [
  ...[
    "en",
    "es",
    "de",
    "fr",
    "pt",
    "it",
    "nl",
    "pl",
    "sv",
    "da",
    "nb",
    "fi",
    "cs",
    "sk",
    "hu",
    "ro",
    "hr",
    "tr",
    "el",
    "bg",
  ],
  ...["uk", "ru", "he", "ar", "hi", "th", "vi", "id", "ja", "ko", "zh", "zh-Hant"],
];

/** Names and codes that neither list has. */
const otherNames: Readonly<Record<string, string>> = {
  ...{ uk: "GB", greatbritain: "GB", britain: "GB", england: "GB", scotland: "GB", wales: "GB", northernireland: "GB" },
  ...{
    unitedstatesofamerica: "US",
    america: "US",
    estadosunidosdeamerica: "US",
    eeuu: "US",
    eua: "US",
    etatsunisdamerique: "US",
  },
  ...{
    holland: "NL",
    el: "GR",
    uae: "AE",
    emirates: "AE",
    southkorea: "KR",
    republicofkorea: "KR",
    xkx: "XK",
    macau: "MO",
  },
  ...{
    czechrepublic: "CZ",
    tschechei: "CZ",
    ivorycoast: "CI",
    turkey: "TR",
    turkiye: "TR",
    macedonia: "MK",
    swaziland: "SZ",
  },
  ...{
    burma: "MM",
    capeverde: "CV",
    easttimor: "TL",
    vatican: "VA",
    vaticancity: "VA",
    russianfederation: "RU",
    vietnam: "VN",
  },
  ...{
    republicofireland: "IE",
    eire: "IE",
    bolivia: "BO",
    venezuela: "VE",
    iran: "IR",
    syria: "SY",
    moldova: "MD",
    laos: "LA",
  },
  ...{
    federalrepublicofgermany: "DE",
    brd: "DE",
    peoplesrepublicofchina: "CN",
    prchina: "CN",
    mainlandchina: "CN",
    tanzania: "TZ",
  },
};

const codes = new Set(iso31661.map(({ alpha2 }) => alpha2)).add("XK");
let isoNames: ReadonlyMap<string, string> | null = null;
/** The runtime's own names in each language, made when a text is none of the codes and names before them. */
const runtimeNames = new Map<string, ReadonlyMap<string, string>>();

/**
 * Reads a country.
 *
 * @param written as a sender writes it
 * @returns its two letters, upper case; `null`: it cannot be read, is empty, or has no phone numbers
 */
export function readCountry(written: string): string | null {
  const text = written.trim();
  if (text === "" || text.length > countryCharactersMax) return null;
  const [, inBrackets] = /\(\s*([A-Za-z]{2,3})\s*\)$/.exec(text) ?? [];
  const [, before, name] = /^([A-Z]{2,3})\s*[-–:|]\s*(\p{L}.*)$/u.exec(text) ?? [];
  // A code beside a name must be that country's, as far as the name can be read.
  if (inBrackets !== undefined) return agreed(inBrackets, text.slice(0, text.lastIndexOf("(")));
  if (before !== undefined && name !== undefined) return agreed(before, name);
  return withNumbers(flagOf(text) ?? named(text));
}

function agreed(code: string, name: string): string | null {
  const [byCode, byName] = [withNumbers(named(code)), withNumbers(named(name))];
  return byCode !== null && byName !== null && byCode !== byName ? null : byCode;
}

function withNumbers(code: string | null): string | null {
  return code !== null && hasNumbers(code) ? code : null;
}

/** A flag is two regional indicators, whose letters are the code. */
function flagOf(text: string): string | null {
  const points = [...text].map((letter) => (letter.codePointAt(0) ?? 0) - 0x1f1e6);
  if (points.length !== 2 || points.some((point) => point < 0 || point > 25)) return null;
  return String.fromCharCode(...points.map((point) => point + 65));
}

function named(written: string): string | null {
  const text = written.trim();
  const code = text.toUpperCase();
  if (codes.has(code)) return code;
  const key = keyOf(text);
  if (Object.hasOwn(otherNames, key)) return otherNames[key] ?? null;
  isoNames ??= namesOfIso();
  const found = isoNames.get(key);
  // Short Latin words are codes: in some language or other, two letters abbreviate a country.
  if (found !== undefined || key === "" || /^[a-z\d]{1,3}$/.test(key) || /^[+\d]/.test(text)) return found ?? null;
  for (const language of languages) {
    const names = runtimeNames.get(language) ?? namesIn(language);
    runtimeNames.set(language, names);
    const name = names.get(key);
    if (name !== undefined) return name === "" ? null : name;
  }
  return null;
}

/** Letters and digits alone, without accents and the English article: `U.S.A.` is `usa`, `The Netherlands` is `netherlands`. */
function keyOf(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  return plain
    .replace(/^the\s+/, "")
    .replace(/&/g, "and")
    .replace(/[^\p{L}\p{M}\p{Nd}+]/gu, "");
}

function namesOfIso(): ReadonlyMap<string, string> {
  const callingCodes = new Set<string>(getCountries().map((code) => getCountryCallingCode(code)));
  const names = new Map<string, string>();
  for (const { alpha2, alpha3, numeric, name } of iso31661) {
    names.set(keyOf(alpha3), alpha2).set(keyOf(name), alpha2);
    if (!callingCodes.has(numeric)) names.set(numeric, alpha2);
  }
  return names;
}

/** @returns the countries of one language, by name; a name of two countries is `""` */
function namesIn(language: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const style of language === "en" ? (["long", "short"] as const) : (["long"] as const)) {
    const display = new Intl.DisplayNames([language], { type: "region", style, fallback: "none" });
    for (const code of codes) {
      const key = keyOf(display.of(code) ?? "");
      if (key !== "") names.set(key, names.has(key) && names.get(key) !== code ? "" : code);
    }
  }
  return names;
}
