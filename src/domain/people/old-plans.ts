/**
 * Numbers of former numbering plans, as address books and CRMs still contain them. Each is converted to the number that
 * replaced it, if the regulator's rule gives exactly one. A number that is valid today is never changed. Pure.
 *
 * @see https://www.itu.int/oth/T0202.aspx?parent=T0202 the countries' own communications
 */

/** Candidates for today's national number, usually one or none. */
type Successors = (national: string) => readonly string[];

const replaced =
  (old: RegExp, by: string): Successors =>
  (national) =>
    old.test(national) ? [national.replace(old, by)] : [];

/**
 * Côte d'Ivoire, 31 January 2021: two digits for the operator precede the eight. Mobile numbers by their second digit,
 * fixed numbers by their first three.
 *
 * @see https://fr.wikipedia.org/wiki/Liste_des_indicatifs_téléphoniques_en_Côte_d'Ivoire
 */
function ivorian(national: string): readonly string[] {
  if (!/^\d{8}$/.test(national)) return [];
  if (/^(?:2[0-4]|3[0-6])/.test(national)) {
    const third = national.charAt(2);
    return [`${third === "0" ? "25" : third === "8" ? "21" : "27"}${national}`];
  }
  if (!/^[04-9]/.test(national)) return [];
  const second = national.charAt(1);
  return [`${second <= "3" ? "01" : second <= "6" ? "05" : "07"}${national}`];
}

/** Argentina: within the country, mobile numbers are dialled with 15 after the area code instead of 9 before it. */
function argentine(national: string): readonly string[] {
  const [, rest] = /^9?0?(\d{12})$/.exec(national) ?? [];
  if (rest === undefined) return [];
  const areas = [2, 3, 4].filter((length) => rest.slice(length, length + 2) === "15");
  return areas.map((length) => `9${rest.slice(0, length)}${rest.slice(length + 2)}`);
}

/** Viet Nam, 15 September 2018: eleven digits became ten. New prefixes by the four old digits without their zero. */
const vietnamese: Readonly<Record<string, string>> = {
  ...{ 120: "70", 121: "79", 122: "77", 126: "76", 128: "78" },
  ...{ 123: "83", 124: "84", 125: "85", 127: "81", 129: "82" },
  ...{ 162: "32", 163: "33", 164: "34", 165: "35", 166: "36", 167: "37", 168: "38", 169: "39" },
  ...{ 186: "56", 188: "58", 199: "59" },
};

const plans: ReadonlyMap<string, Successors> = new Map([
  // Brazil, 2012 to 2016 (Anatel, resolution 553): a 9 precedes mobile numbers. A trunk zero and a carrier code may
  // precede the area code.
  ["55", replaced(/^(?:0(?:\d{2})?)?([1-9]{2})([6-9]\d{7})$/, "$19$2")],
  // Benin, 30 November 2024 (ARCEP): 01 precedes all numbers.
  ["229", replaced(/^(\d{8})$/, "01$1")],
  ["225", ivorian],
  // Mexico, 3 August 2019 (IFT): 044, 045 and 01 within the country, and the 1 in +52 1 from abroad, were abolished.
  ["52", replaced(/^(?:044|045|01|1)(\d{10})$/, "$1")],
  ["54", argentine],
  // Colombia, 1 September 2021 (CRC, resolution 5826): 60 precedes fixed numbers with their area's digit.
  ["57", replaced(/^([1-8]\d{7})$/, "60$1")],
  // Poland, 2010 (UKE), and Ukraine, 2009: the prefixes 0 and 8 0 are no longer dialled.
  ["48", replaced(/^0([1-9]\d{8})$/, "$1")],
  ["380", replaced(/^80([1-9]\d{8})$/, "$1")],
  ["84", (national) => newVietnamese(national)],
]);

function newVietnamese(national: string): readonly string[] {
  const by = /^1\d{9}$/.test(national) ? vietnamese[national.slice(0, 3)] : undefined;
  return by === undefined ? [] : [by + national.slice(3)];
}

/**
 * @param callingCode Calling code of the country, without its plus.
 * @param national As written, without the calling code.
 * @returns Candidates for today's national number. The caller checks whether they are valid.
 */
export function successorsOf(callingCode: string, national: string): readonly string[] {
  return plans.get(callingCode)?.(national) ?? [];
}
