/**
 * Countries as senders write them, converted to ISO 3166 alpha-2. Pure.
 *
 * Read:
 * - the two or three letters of ISO 3166-1, in any case
 * - its three digits, unless they are also a calling code, with or without a leading zero (372 is Ireland and Estonia's
 *   calling code; 040 is Austria and Romania's)
 * - a flag
 * - a name in one of the languages below, by CLDR and by ISO
 * - a name with a code (`United States (US)`, `US - United States`, `Mexico, MX`), if both are read and agree
 *
 * Not read: a name of two countries (`Congo`, `Korea`, `Virgin Islands`), and any other text. No guess is made.
 *
 * @see https://www.iso.org/iso-3166-country-codes.html
 * @see https://cldr.unicode.org/translation/displaynames/countryregion-territory-names
 */
import { iso31661 } from "iso-3166/1.js";
import { getCountries, getCountryCallingCode, isSupportedCountry } from "libphonenumber-js/max";
import { lazily } from "../lazily.ts";

/** Whether a country (ISO 3166 alpha-2, upper case) has phone numbers of its own. */
export function hasNumbers(country: string): boolean {
  return isSupportedCountry(country);
}

/** Longer than the longest name of a country with its code. */
const countryCharactersMax = 80;

/** Languages whose country names are read. The first that knows a name decides. */
const languages = (
  "en es de fr pt it nl pl sv da nb fi cs sk hu ro hr tr el bg uk ru he ar hi th vi id ja ko zh zh-Hant " +
  "sl sr sr-Latn lt lv et ca fa ms is sq mk bs ka az bn"
).split(" ");

/** Names shared by two countries, in several languages. If a code is written beside one, the code decides. */
const sharedNames = lazily(
  (): ReadonlyMap<string, readonly string[]> =>
    new Map(
      Object.entries({
        "CG CD": "congo kongo конго κονγκο קונגו الكونغو कांगो คองโก コンゴ 콩고 刚果 剛果",
        "KR KP": "korea corea coree coreia koreja κορεα корея קוריאה كوريا कोरिया เกาหลี",
        "VG VI": "virginislands islasvirgenes ilesvierges jungferninseln ilhasvirgens isolevergini maagdeneilanden",
        "CN TW": "republicofchina",
      }).flatMap(([shared, names]) => names.split(" ").map((name) => [keyOf(name), shared.split(" ")])),
    ),
);

/** Names and codes that neither list contains. */
const otherNames = lazily(
  (): ReadonlyMap<string, string> =>
    new Map(
      Object.entries({
        AE: "uae emirates",
        BO: "bolivia",
        BY: "белоруссия belorussia byelorussia",
        CD: "drc rdc drcongo congodr congodrc zaire democraticrepublicofcongo republiquedemocratiqueducongo demokratischerepublikkongo",
        CG: "republicofcongo republiqueducongo republikkongo",
        CI: "ivorycoast",
        CN: "peoplesrepublicofchina prchina prc mainlandchina",
        CV: "capeverde",
        CZ: "czechrepublic tschechei",
        DE: "federalrepublicofgermany bundesrepublikdeutschland brd",
        DO: "dominicanrep repdominicana",
        GB: "uk greatbritain britain england scotland wales northernireland",
        GR: "el",
        IE: "republicofireland eire",
        IR: "iran",
        KR: "southkorea republicofkorea rok",
        LA: "laos",
        MD: "moldova",
        MK: "macedonia",
        MM: "burma",
        MO: "macau",
        MX: "estadosunidosmexicanos",
        NL: "holland kingdomofnetherlands",
        RU: "russianfederation рф",
        SA: "ksa kingdomofsaudiarabia",
        SY: "syria",
        SZ: "swaziland",
        TL: "easttimor",
        TR: "turkey turkiye",
        TZ: "tanzania",
        US: "unitedstatesofamerica america estadosunidosdeamerica eeuu eua etatsunisdamerique sua abd sad",
        VA: "vatican vaticancity",
        VE: "venezuela",
        VG: "virginislandsgb virginislandsuk",
        VI: "virginislandsus virginislandsusa",
        VN: "vietnam",
        XK: "xkx",
        ZA: "rsa republicofsouthafrica",
      }).flatMap(([code, names]) => names.split(" ").map((name) => [keyOf(name), code])),
    ),
);

const codes = new Set(iso31661.map(({ alpha2 }) => alpha2)).add("XK");
const isoNames = lazily(namesOfIso);
/** The runtime's names in each language. Created when a text is none of the codes and names above. */
const runtimeNames = new Map<string, ReadonlyMap<string, string>>();

/**
 * Reads a country.
 *
 * @param written As a sender writes it.
 * @returns Its two letters, upper case; null if it cannot be read, is empty, or has no phone numbers.
 */
export function readCountry(written: string): string | null {
  const text = written.trim();
  if (text === "" || text.length > countryCharactersMax) return null;
  const whole = withNumbers(flagOf(text) ?? named(text));
  if (whole !== null) return whole;
  const [, nameInFront, inBrackets] = /^(.*)\(\s*([A-Za-z]{2,3})\s*\)$/.exec(text) ?? [];
  if (nameInFront !== undefined && inBrackets !== undefined) return agreed(inBrackets, nameInFront);
  const [, before, name] = /^([A-Z]{2,3})\s*[-–:|]\s*(\p{L}.*)$/u.exec(text) ?? [];
  if (before !== undefined && name !== undefined) return agreed(before, name);
  const [, nameBefore, behind] = /^(\p{L}[^,]*),\s*([A-Z]{2,3})$/u.exec(text) ?? [];
  return nameBefore === undefined || behind === undefined ? null : agreed(behind, nameBefore);
}

/**
 * The country for a name with a code. Both must be read: in `Chicago (IL)` and `CO - Colorado` the letters are a
 * state's. If they differ but share a calling code, the name decides (`Puerto Rico (US)`).
 */
function agreed(code: string, name: string): string | null {
  const byCode = withNumbers(named(code));
  // `US-CA` is a part of a country, `ES-MX` a language in a country.
  if (byCode === null || /^[A-Z\d]{1,3}$/.test(name)) return null;
  const shared = sharedNames().get(keyOf(name));
  if (shared !== undefined) return shared.includes(byCode) ? byCode : null;
  const byName = withNumbers(named(name));
  if (byName === null || byName === byCode) return byName;
  return callingCodeOf(byName) === callingCodeOf(byCode) ? byName : null;
}

function callingCodeOf(country: string): string | null {
  return isSupportedCountry(country) ? getCountryCallingCode(country) : null;
}

function withNumbers(code: string | null): string | null {
  return code !== null && hasNumbers(code) ? code : null;
}

/** A flag consists of two regional indicators, whose letters are the code. */
function flagOf(text: string): string | null {
  const points = [...text].map((letter) => (letter.codePointAt(0) ?? 0) - 0x1f1e6);
  if (points.length !== 2 || points.some((point) => point < 0 || point > 25)) return null;
  return String.fromCharCode(...points.map((point) => point + 65));
}

function named(written: string): string | null {
  const text = written.trim();
  const code = (dotted.test(text) ? text.replace(/[.\s]/g, "") : text).toUpperCase();
  if (codes.has(code)) return code;
  const key = keyOf(text);
  if (key === "" || sharedNames().has(key)) return null;
  const found = otherNames().get(key) ?? isoNames().get(key);
  // `Nga` is Russia in Vietnamese, and `NGA` is Nigeria's code.
  if (found !== undefined) return /^\p{Lu}\p{Ll}{2}$/u.test(text) && (nameIn(key) ?? found) !== found ? null : found;
  // Short plain words are read only as codes, because in some language two letters abbreviate a country.
  if (/^[A-Za-z\d]{1,3}$/.test(text.replace(/[^\p{L}\p{M}\p{Nd}]/gu, "")) || /^[+\d]/.test(text)) return null;
  return nameIn(key);
}

/** Letters with points: `U.S.`, `D. E.`. */
const dotted = /^(?:[A-Za-z]\.\s?)+[A-Za-z]?$/;

function nameIn(key: string): string | null {
  for (const language of languages) {
    const names = runtimeNames.get(language) ?? namesIn(language);
    runtimeNames.set(language, names);
    const name = names.get(key);
    if (name !== undefined) return name === "" ? null : name;
  }
  return null;
}

/**
 * Reduces a name to letters and digits, without accents and the English article: `U.S.A.` becomes `usa`, `Netherlands
 * (the)` becomes `netherlands`.
 */
function keyOf(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  return plain
    .replace(/(?<!\p{L})the(?!\p{L})/gu, "")
    .replace(/&/g, "and")
    .replace(/[^\p{L}\p{M}\p{Nd}+]/gu, "");
}

function namesOfIso(): ReadonlyMap<string, string> {
  const callingCodes = new Set<string>(getCountries().map((code) => getCountryCallingCode(code)));
  const names = new Map<string, string>();
  for (const { alpha2, alpha3, numeric, name } of iso31661) {
    names.set(keyOf(alpha3), alpha2).set(keyOf(name), alpha2);
    if (!callingCodes.has(numeric.replace(/^0+/, ""))) names.set(numeric, alpha2);
  }
  return names;
}

/** @returns The countries of one language by name. A name of two countries maps to `""`. */
function namesIn(language: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const style of ["long", "short"] as const) {
    const display = new Intl.DisplayNames([language], { type: "region", style, fallback: "none" });
    for (const code of codes) {
      const key = keyOf(display.of(code) ?? "");
      if (key !== "") names.set(key, names.has(key) && names.get(key) !== code ? "" : code);
    }
  }
  return names;
}
